// Small behaviours of server-rendered parts: widths, ages, copy, chevrons, counters, dependent fields, unsaved work.
const text = document.body.dataset;

function setWidths(root) {
  for (const bar of root.querySelectorAll("[data-wm-width]")) bar.style.width = `${bar.dataset.wmWidth}%`;
  for (const box of root.querySelectorAll("[data-wm-offset]")) box.style.marginInlineStart = `${box.dataset.wmOffset}%`;
  for (const box of root.querySelectorAll("input[data-wm-indeterminate]")) box.indeterminate = true;
}

const AGES = JSON.parse(text.wmAges);

function age(seconds) {
  const [unit, size] = seconds < 60 ? ["s", 1] : seconds < 3600 ? ["min", 60] : seconds < 86400 ? ["h", 3600] : ["d", 86400];
  return AGES[unit].replace("{n}", Math.max(0, Math.floor(seconds / size)));
}

function tickAges() {
  for (const time of document.querySelectorAll("time[data-wm-ago]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const next = seconds < 2 && time.dataset.wmNow ? time.dataset.wmNow : age(seconds);
    if (time.textContent !== next) time.textContent = next;
    const live = time.closest("[data-wm-stale-after]");
    if (!live) continue;
    const isStale = seconds > Number(live.dataset.wmStaleAfter);
    live.classList.toggle("is-stale", isStale);
    live.querySelector("[data-wm-fresh]").hidden = isStale;
    live.querySelector("[data-wm-stale]").hidden = !isStale;
  }
}

function count(area) {
  const counter = document.getElementById(`${area.id}-count`);
  if (counter) counter.textContent = counter.dataset.text.replace("{n}", [...area.value].length).replace("{max}", area.dataset.wmCount);
}

function showDependents(root) {
  for (const box of root.querySelectorAll("[data-wm-show]")) {
    const [name, wanted] = box.dataset.wmShow.split("=");
    const form = box.closest("[data-wm-row]") || box.closest("form") || document;
    const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const values = inputs.filter((i) => !["checkbox", "radio"].includes(i.type) || i.checked).map((i) => i.value);
    box.hidden = !values.some((value) => wanted.split("|").includes(value));
  }
}

// A region that scrolls sideways must be reachable by keyboard, and say what it is.
function openScrollers(root) {
  for (const box of root.querySelectorAll(".wm-table-wrap")) {
    const scrolls = box.scrollWidth > box.clientWidth && !box.querySelector("a, button, input, select");
    if (!scrolls) { if (box.dataset.wmScrolls) { box.removeAttribute("tabindex"); box.removeAttribute("role"); box.removeAttribute("aria-label"); delete box.dataset.wmScrolls; } continue; }
    const heading = box.closest("section")?.querySelector("h2");
    box.tabIndex = 0;
    box.dataset.wmScrolls = "1";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", heading ? heading.textContent.trim() : document.title);
  }
}

export function enhance(root) {
  setWidths(root);
  openScrollers(root);
  showDependents(root);
  for (const area of root.querySelectorAll("[data-wm-count]")) count(area);
}

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-wm-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.wmCopy);
    document.dispatchEvent(new CustomEvent("wm:toast", { detail: { text: text.wmCopied } }));
  }
  const chevron = event.target.closest("[data-wm-expand]");
  if (chevron) {
    const detail = document.getElementById(chevron.getAttribute("aria-controls"));
    const isOpen = chevron.getAttribute("aria-expanded") !== "true";
    chevron.setAttribute("aria-expanded", String(isOpen));
    detail.hidden = !isOpen;
    if (isOpen) detail.dispatchEvent(new CustomEvent("wm:open", { bubbles: true }));
  }
  const toggle = event.target.closest("[data-wm-toggle]");
  if (toggle) toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
});
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-wm-count]")) count(event.target);
  const form = event.target.closest("form[data-wm-guard]");
  if (form) form.dataset.wmDirty = "1";
});
document.addEventListener("change", (event) => {
  showDependents(document);
  if (event.target.matches("[data-wm-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("submit", (event) => delete event.target.dataset.wmDirty);
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-wm-dirty]")) event.preventDefault();
});
document.addEventListener("htmx:afterSettle", () => enhance(document));
document.addEventListener("htmx:oobAfterSwap", () => enhance(document));
setInterval(() => document.hidden || tickAges(), 1000);
enhance(document);
const toFix = document.querySelector("[data-wm-focus]");
if (toFix) addEventListener("load", () => setTimeout(() => toFix.focus(), 50)); // after the browser's own jump to #fragment

let resized = 0;
window.addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(() => openScrollers(document), 150); });
