// WhatsApp's own markup as elements: *bold* _italic_ ~strike~ `code` ```block```, quotes, bullets (reference section 9).
import { el } from "./common.js";

const MARKS = { "*": "strong", _: "em", "~": "s", "`": "code" };
const edge = (char) => char === undefined || /[\s\p{P}\p{S}]/u.test(char);

function closing(text, start, mark) {
  for (let end = start + 1; end < text.length; end += 1) {
    if (text[end] === mark && !/\s/.test(text[end - 1]) && end > start + 1 && edge(text[end + 1])) return end;
  }
  return -1;
}

function inline(text) {
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length; at += 1) {
    const tag = MARKS[text[at]];
    const end = tag && edge(text[at - 1]) && text[at + 1] && !/\s/.test(text[at + 1]) ? closing(text, at, text[at]) : -1;
    if (end < 0) { plain += text[at]; continue; }
    if (plain) nodes.push(plain);
    plain = "";
    const inner = text.slice(at + 1, end);
    nodes.push(el(tag, {}, ...(tag === "code" ? [inner] : inline(inner))));
    at = end;
  }
  if (plain) nodes.push(plain);
  return nodes;
}

export function markup(text) {
  const nodes = [];
  text.split(/```([\s\S]+?)```/).forEach((part, index) => {
    if (index % 2) { nodes.push(el("code", {}, part)); return; }
    part.split("\n").forEach((line, row) => {
      if (row) nodes.push("\n");
      if (line.startsWith("> ")) nodes.push(el("blockquote", {}, ...inline(line.slice(2))));
      else if (/^[-*] /.test(line)) nodes.push("• ", ...inline(line.slice(2)));
      else nodes.push(...inline(line));
    });
  });
  return nodes;
}
