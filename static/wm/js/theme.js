// The theme. Signed in it belongs to the account, else to this browser. Loaded first and blocking: a page never flashes.
(() => {
  const root = document.documentElement;
  const stored = root.hasAttribute("data-wm-signed-in") ? null : localStorage.getItem("wm-theme");
  if (stored) root.dataset.bsTheme = stored;
  const mark = () => {
    for (const button of document.querySelectorAll("[data-wm-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.wmTheme === root.dataset.bsTheme));
    }
  };
  const save = (button) => {
    if (!button.form) return localStorage.setItem("wm-theme", button.dataset.wmTheme);
    const data = new FormData(button.form, button);
    return fetch(button.form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wm-theme]");
    if (!button) return;
    event.preventDefault();
    root.dataset.bsTheme = button.dataset.wmTheme;
    save(button);
    mark();
    document.dispatchEvent(new CustomEvent("wm:theme"));
  });
  document.addEventListener("DOMContentLoaded", mark);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("wm:theme")));
})();
