// Dialogs, menus and drawers: native elements with the missing manners (Esc, outside click, focus return).
let opener = null;

function open(dialog, from) {
  opener = from;
  history.replaceState(history.state, "", location.pathname + location.search);
  dialog.showModal();
  (dialog.querySelector("[autofocus]") || dialog.querySelector("input:not([type=hidden]), textarea, select, [data-wm-close]"))?.focus();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.wm-menu[open], details.wm-filter[open], details.wm-switcher[open], details.wm-person[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const link = event.target.closest("[data-wm-open]");
  if (link) {
    const dialog = document.getElementById(link.dataset.wmOpen || link.hash.slice(1));
    if (dialog) {
      event.preventDefault();
      closeMenus(null);
      open(dialog, link);
    }
    return;
  }
  const close = event.target.closest("[data-wm-close]");
  const dialog = event.target.closest("dialog[open]");
  if (close && dialog) {
    event.preventDefault();
    dialog.close();
  } else if (dialog && event.target === dialog) {
    dialog.close();
  }
});

document.addEventListener("click", (event) => {
  const more = event.target.closest("[data-wm-nav]");
  const nav = document.getElementById("wm-nav");
  if (!more && !event.target.closest(".wm-nav a")) return;
  if (more) event.preventDefault();
  const isOpen = Boolean(more) && !nav.classList.contains("is-open");
  nav.classList.toggle("is-open", isOpen);
  document.querySelector("[data-wm-nav]")?.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) nav.querySelector("a, summary").focus();
});

document.addEventListener("close", (event) => {
  if (event.target.matches?.("dialog")) opener?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details[open]:is(.wm-menu, .wm-filter, .wm-switcher, .wm-person)");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (document.querySelector(".wm-nav.is-open")) {
      document.querySelector("[data-wm-nav]").click();
    } else if (!document.querySelector("dialog[open]")) {
      document.querySelector("#drawer [data-wm-drawer-close]")?.click();
    }
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const menu = event.target.closest?.("details.wm-menu, details.wm-switcher, details.wm-person");
  if (!menu) return;
  event.preventDefault();
  menu.open = true;
  const items = [...menu.querySelectorAll(".wm-menu-panel :is(a, button)")];
  const at = items.indexOf(document.activeElement);
  items.at((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1)) % items.length)?.focus();
});

document.addEventListener("input", (event) => {
  const word = event.target.dataset?.wmWord;
  if (word) event.target.setCustomValidity(event.target.value.trim().toLowerCase() === word.toLowerCase() ? "" : event.target.title);
});

const pending = location.hash && document.querySelector(`dialog${CSS.escape ? `[id="${CSS.escape(location.hash.slice(1))}"]` : ""}`);
if (pending) open(pending, null);
document.addEventListener("wm:close", () => document.querySelector("dialog[open]")?.close());
