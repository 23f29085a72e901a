// htmx manners: which answers swap, errors with "Try again", polite polling, busy buttons, focus after swaps.
const body = document.body;
const failures = new WeakMap();

body.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (event.detail.verb !== "get" && token) event.detail.headers["X-CSRFToken"] = token;
});

body.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401) { location.assign(event.detail.xhr.getResponseHeader("Location") || location.href); return; }
  const isWhole = /^\s*<!doctype/i.test(event.detail.serverResponse);
  if (status === 200 && isWhole && !event.detail.boosted && !event.detail.elt.closest("[hx-select], [hx-boost]")) {
    // A redirect ended on a whole page (sign-in, mostly): go there instead of putting a page inside a part.
    event.detail.shouldSwap = false;
    location.assign(event.detail.xhr.responseURL || location.href);
    return;
  }
  if (status === 422 || status === 409 || status === 403 || status === 404) {
    const isHtml = (event.detail.xhr.getResponseHeader("Content-Type") || "").includes("html");
    event.detail.shouldSwap = isHtml && !isWhole;
    event.detail.isError = !event.detail.shouldSwap;
  }
});

function offerRetry(event) {
  const { elt, target, requestConfig } = event.detail;
  if (elt.matches("[data-wm-poll]")) return;
  const box = document.getElementById("wm-failed").content.firstElementChild.cloneNode(true);
  const code = event.detail.xhr?.status;
  box.querySelector("span").textContent = code ? box.dataset.failed : box.dataset.unreachable;
  if (code) { const chip = document.createElement("code"); chip.className = "wm-code"; chip.textContent = code; box.querySelector("span").append(" ", chip); }
  box.querySelector("button").addEventListener("click", () => {
    box.remove();
    if (elt.matches("form")) elt.requestSubmit();
    else window.htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target });
  });
  target.querySelector(":scope > .wm-failed")?.remove();
  (target.matches("tbody, table, ul, ol") ? target.parentElement : target).prepend(box);
  box.querySelector("button").focus();
}
body.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status !== 401) offerRetry(event); });
body.addEventListener("htmx:sendError", offerRetry);
body.addEventListener("htmx:timeout", offerRetry);

function pressed(element) {
  if (element.matches("button, .btn")) return element;
  return element.matches("form") ? element.querySelector("button.wm-pressed, .btn-primary") : null;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("form button");
  if (!button) return;
  for (const other of button.form?.querySelectorAll(".wm-pressed") ?? []) other.classList.remove("wm-pressed");
  button.classList.add("wm-pressed");
});
body.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.target?.setAttribute("aria-busy", "true");
  const button = pressed(event.detail.elt);
  if (!button) return;
  button.disabled = true;
  button.wmTimer = setTimeout(() => button.classList.add("wm-busy"), 300);
});
body.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target?.removeAttribute("aria-busy");
  const button = pressed(event.detail.elt);
  if (button) { clearTimeout(button.wmTimer); button.classList.remove("wm-busy"); button.disabled = false; }
  if (event.detail.elt.matches("[data-wm-poll]")) {
    failures.set(event.detail.elt, event.detail.successful ? 0 : (failures.get(event.detail.elt) || 0) + 1);
    if (event.detail.xhr.status === 286) delete event.detail.elt.dataset.wmPoll;
  }
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.matches("[hx-post], [hx-get], [method=dialog]")) return;
  const button = event.submitter;
  if (button && event.target.method === "post") setTimeout(() => { button.disabled = true; button.classList.add("wm-busy"); }, 0);
});
addEventListener("pageshow", (event) => { if (event.persisted) for (const b of document.querySelectorAll(".wm-busy")) { b.disabled = false; b.classList.remove("wm-busy"); } });

// Polling: the region says how often; nothing is asked while the tab is hidden; errors back off up to a minute.
const due = new WeakMap();
function wait(element) {
  const errors = failures.get(element) || 0;
  const seconds = errors ? Math.min(60, 5 * 2 ** (errors - 1)) * (0.8 + Math.random() * 0.4) : Number(element.dataset.wmPoll);
  return seconds * 1000;
}
function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-wm-poll]")) {
    if (!due.has(element) || due.get(element).every !== element.dataset.wmPoll) {
      due.set(element, { every: element.dataset.wmPoll, at: Date.now() + wait(element) });
    }
    const isEditing = element.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), textarea, select");
    if (Date.now() < due.get(element).at || isEditing || element.querySelector("details[open], .is-picking") || element.matches(".is-picking")) continue;
    due.set(element, { every: element.dataset.wmPoll, at: Date.now() + wait(element) });
    window.htmx.trigger(element, "wm:poll");
  }
}
setInterval(tick, 250);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-wm-poll]")) window.htmx.trigger(element, "wm:poll");
});

body.addEventListener("htmx:afterSwap", (event) => {
  const summary = event.detail.target.querySelector?.("[data-wm-focus]");
  if (summary) summary.focus();
  else if (document.activeElement === body || !document.activeElement) {
    const region = document.getElementById(event.detail.target.id);
    const heading = region?.querySelector("h1, h2, [data-wm-heading]");
    if (heading && event.detail.requestConfig?.triggeringEvent?.type !== "wm:poll") { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
  }
});
