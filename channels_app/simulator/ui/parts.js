// What the sections of the overview are made of. A section is drawn anew only when its facts changed; what was open,
// chosen or focused stays so.
import { el, send, words } from "./common.js";

const drawn = new Map();
const opened = new Set();
const chosen = new Map();
let redraw = async () => {};

export const whenChanged = (work) => { redraw = work; };
export const word = (key) => words[key] ?? key;
export const pill = (text, kind = "") => el("span", { class: `pill ${kind}` }, text);
export const byId = (id) => document.getElementById(id);

export function say(text, kind = "") {
  const box = byId("said");
  box.textContent = text;
  box.className = `said ${kind}`;
  box.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { box.hidden = true; }, 3500);
}

export const run = (work, done) => async (event) => {
  event?.preventDefault();
  const label = done ?? event?.currentTarget?.textContent ?? "";
  try {
    await work(event);
    say(`${words.done}: ${label}`);
    await redraw();
  } catch (error) { say(error.message, "bad"); }
};

export function table(heads, rows, empty) {
  if (!rows.length) return el("p", { class: "empty" }, empty);
  const head = el("tr", {}, ...heads.map((text) => (text ? el("th", { scope: "col" }, text) : el("td"))));
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell))))));
}

// A button that posts. `key` is a word of the dictionary.
export function act(key, path, body = {}, { danger = false, method = "POST", confirm = false } = {}) {
  const label = word(key);
  const button = el("button", { class: `btn small ${danger ? "danger" : ""}`, type: "button", "data-key": `${path} ${JSON.stringify(body)}` }, label);
  let asked = false;
  button.addEventListener("click", (event) => {
    if (confirm && !asked) {
      asked = true;
      button.textContent = words.really;
      setTimeout(() => { asked = false; button.textContent = label; }, 4000);
      return;
    }
    run(() => send(path, body, method), label)(event);
  });
  return button;
}

// A choice with a button: `options` are values or [value, label]; `work` gets the value.
export function pick(key, name, options, work) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  const select = el("select", { class: "field", "aria-label": word(name), "data-key": `${key} select` }, ...pairs.map(([value, label]) => el("option", { value, selected: chosen.get(key) === value }, label)));
  select.addEventListener("change", () => chosen.set(key, select.value));
  const label = word(name);
  return el("form", { class: "pick", onsubmit: run(() => work(select.value), `${label} ${select.value}`) }, select, el("button", { class: "btn small", "data-key": `${key} button` }, label));
}

// A text with a button.
export function fill(key, name, placeholder, work) {
  const input = el("input", { class: "field", "aria-label": placeholder, placeholder, value: chosen.get(key) ?? "", "data-key": `${key} input`, required: true, autocomplete: "off" });
  input.addEventListener("input", () => chosen.set(key, input.value));
  const label = word(name);
  return el("form", { class: "pick", onsubmit: run(async () => { await work(input.value.trim()); chosen.delete(key); }, label) }, input, el("button", { class: "btn small", "data-key": `${key} button` }, label));
}

export const group = (name, ...controls) => el("div", { class: "group", role: "group", "aria-label": word(name) }, el("span", { class: "name" }, word(name)), el("div", { class: "controls" }, ...controls.filter(Boolean)));

// One thing that opens: a line of facts, and everything that can be done to it.
export function item(key, title, facts, note, ...groups) {
  const summary = el("summary", { "data-key": key }, el("b", {}, title), " ", ...facts.filter(Boolean).flatMap((fact) => [fact, " "]));
  const box = el("details", { class: "item", open: opened.has(key) }, summary, note ? el("p", { class: "hint" }, note) : null, ...groups.filter(Boolean));
  box.addEventListener("toggle", () => (box.open ? opened.add(key) : opened.delete(key)));
  return box;
}

export const open = (key) => opened.add(key);

export function section(id, facts, build) {
  const state = JSON.stringify(facts);
  if (drawn.get(id) === state) return;
  drawn.set(id, state);
  const box = byId(id);
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  box.replaceChildren(...build());
  if (focused) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}
