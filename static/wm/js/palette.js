// Search and jump (Ctrl or Cmd-K), "/" for the filter, "?" for the list of shortcuts.
const dialog = document.getElementById("wm-palette");
const results = dialog?.querySelector(".wm-palette-list");
const input = dialog?.querySelector("input");
const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]");
let running = null;
let timer = 0;

function items() { return [...results.querySelectorAll("a")]; }
function select(index) {
  const links = items();
  links.forEach((link, at) => { link.setAttribute("aria-selected", String(at === index)); link.id ||= `wm-hit-${at}`; });
  if (links[index]) { links[index].scrollIntoView({ block: "nearest" }); input.setAttribute("aria-activedescendant", links[index].id); }
}
function filterLocal() {
  const words = input.value.trim().toLowerCase();
  const template = document.getElementById("wm-palette-local").content.cloneNode(true);
  for (const link of template.querySelectorAll("a")) if (!link.textContent.toLowerCase().includes(words)) link.remove();
  if (!template.querySelector("a")) template.querySelector("h3")?.remove();
  return template;
}
async function search() {
  running?.abort();
  running = new AbortController();
  const local = filterLocal();
  const url = dialog.dataset.url;
  if (!url || input.value.trim().length < 2) { results.replaceChildren(local); select(0); return; }
  try {
    const answer = await fetch(`${url}?q=${encodeURIComponent(input.value.trim())}`, { headers: { "HX-Request": "true", "HX-Target": "results" }, signal: running.signal });
    const found = document.createElement("template");
    if (answer.ok) found.innerHTML = await answer.text();
    results.replaceChildren(local, found.content);
    if (!items().length) { const none = document.createElement("p"); none.className = "wm-note"; none.textContent = dialog.dataset.none; results.append(none); }
    select(0);
  } catch (error) { if (error.name !== "AbortError") { results.replaceChildren(local); select(0); } }
}
function openPalette() { if (!dialog || dialog.open) return; dialog.showModal(); input.value = ""; search(); input.focus(); }

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-wm-palette]")) openPalette();
  if (event.target === dialog) dialog.close();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || localStorage.getItem("wm-single-keys") === "off") return;
  if (event.key === "/") {
    const find = document.querySelector(".wm-find input");
    event.preventDefault();
    if (find) find.focus(); else openPalette();
  }
  if (event.key === "?") document.getElementById("wm-shortcuts")?.showModal();
});
input?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 200); });
input?.addEventListener("keydown", (event) => {
  const links = items();
  const at = links.findIndex((link) => link.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); select((at + (event.key === "ArrowDown" ? 1 : -1) + links.length) % links.length); }
  if (event.key === "Escape") { event.preventDefault(); dialog.close(); }
  if (event.key === "Enter" && links[at]) { event.preventDefault(); links[at].click(); }
});
const keys = document.querySelector("[data-wm-single-keys]");
if (keys) {
  keys.checked = localStorage.getItem("wm-single-keys") !== "off";
  keys.addEventListener("change", () => localStorage.setItem("wm-single-keys", keys.checked ? "on" : "off"));
}
