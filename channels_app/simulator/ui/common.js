// What both pages share: words, requests, elements. Text is always set as text, never as markup.
export const lang = document.documentElement.lang;
export const words = (await (await fetch("/_control/ui/strings.json")).json())[lang];

export async function get(path) {
  const answer = await fetch(`/_control/${path}`);
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

export async function send(path, body = {}, method = "POST") {
  const answer = await fetch(`/_control/${path}`, {
    method, headers: { "Content-Type": "application/json" }, body: method === "POST" ? JSON.stringify(body) : undefined,
  });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(path, box = "0 0 24 24") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: box, fill: "none", stroke: "currentColor", "stroke-width": 2, "aria-hidden": "true" })) svg.setAttribute(key, value);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" });
export const number = (value) => Number(value).toLocaleString(lang);
export const initials = (name) => (/[^\x00-\x7F]/.test(name) ? name.slice(0, 1) : name.split(/\s+/).map((part) => part[0]).slice(0, 2).join(""));
export const tint = (digits) => `c${[...String(digits)].reduce((sum, digit) => sum + Number(digit), 0) % 5}`;
