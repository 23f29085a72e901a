// Lists: ticking rows, the bulk bar, "select all that match".
function refresh(list) {
  const ticks = [...list.querySelectorAll(".wm-tick")];
  const chosen = ticks.filter((tick) => tick.checked).length;
  const all = list.querySelector("[data-wm-tick-all]");
  list.classList.toggle("is-picking", chosen > 0);
  if (all) { all.checked = chosen > 0 && chosen === ticks.length; all.indeterminate = chosen > 0 && chosen < ticks.length; }
  const matching = list.querySelector("input[name=all_matching]");
  if (matching && chosen < ticks.length) matching.value = "";
  const label = list.querySelector("[data-wm-chosen]");
  if (label) label.textContent = (matching?.value ? label.dataset.all : label.dataset.some).replace("{n}", chosen);
  const more = list.querySelector("[data-wm-all-matching]");
  if (more) more.hidden = chosen < ticks.length || Boolean(matching?.value);
}

document.addEventListener("change", (event) => {
  const list = event.target.closest(".wm-list");
  if (!list) return;
  if (event.target.matches("[data-wm-tick-all]")) for (const tick of list.querySelectorAll(".wm-tick")) tick.checked = event.target.checked;
  if (event.target.matches("[data-wm-tick-all], .wm-tick")) refresh(list);
});
document.addEventListener("click", (event) => {
  const list = event.target.closest(".wm-list");
  if (!list) return;
  if (event.target.closest("[data-wm-all-matching]")) { list.querySelector("input[name=all_matching]").value = "1"; refresh(list); }
  if (event.target.closest("[data-wm-untick]")) {
    for (const tick of list.querySelectorAll(".wm-tick")) tick.checked = false;
    refresh(list);
  }
});
document.addEventListener("htmx:afterSettle", () => { for (const list of document.querySelectorAll(".wm-list")) refresh(list); });
