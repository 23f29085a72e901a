// One toast at a time for the result of my own action; two live regions for readers.
const region = document.getElementById("wm-toasts");
const polite = document.getElementById("wm-polite");
const assertive = document.getElementById("wm-assertive");
let timer = 0;

export function announce(message, isUrgent = false) {
  const target = isUrgent ? assertive : polite;
  target.textContent = "";
  requestAnimationFrame(() => { target.textContent = message; });
}

function arm(toast) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) arm(toast);
    else toast.remove();
  }, 6000);
}

export function show({ text, url, link }) {
  const toast = document.getElementById("wm-toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("span").textContent = text;
  const anchor = toast.querySelector("a");
  if (url) { anchor.href = url; anchor.textContent = link || anchor.textContent; } else anchor.remove();
  toast.querySelector("button").addEventListener("click", () => toast.remove());
  region.replaceChildren(toast);
  announce(text);
  arm(toast);
}

const detail = (event) => (event.detail && typeof event.detail === "object" && "value" in event.detail ? event.detail.value : event.detail);
document.addEventListener("wm:toast", (event) => show(typeof detail(event) === "string" ? { text: detail(event) } : detail(event)));
document.addEventListener("wm:announce", (event) => announce(detail(event)));
document.addEventListener("wm:alarm", (event) => announce(detail(event), true));
const first = region.querySelector("[data-wm-message]");
if (first) show({ text: first.textContent.trim() });
