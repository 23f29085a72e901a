// Theme and other choices kept in this browser. Loaded first and blocking, so that a page never flashes.
(() => {
  const root = document.documentElement;
  const stored = localStorage.getItem("wm-theme");
  if (stored) root.dataset.bsTheme = stored;
  const mark = () => {
    for (const button of document.querySelectorAll("[data-wm-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.wmTheme === root.dataset.bsTheme));
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wm-theme]");
    if (!button) return;
    root.dataset.bsTheme = button.dataset.wmTheme;
    localStorage.setItem("wm-theme", button.dataset.wmTheme);
    mark();
    document.dispatchEvent(new CustomEvent("wm:theme"));
  });
  document.addEventListener("DOMContentLoaded", mark);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("wm:theme")));
})();
