// The phone: people on the left, what one of them sees in the middle, what they can do on the right.
import { clock, el, get, icon, initials, send, tint, words } from "./common.js";
import { markup } from "./markup.js";

const byId = (id) => document.getElementById(id);
const ICONS = {
  QUICK_REPLY: "M10 6 4 11l6 5M4 11h9a7 7 0 0 1 7 7", URL: "M9 5H5v14h14v-4M13 5h6v6M19 5 10 14",
  PHONE_NUMBER: "M5 4h4l2 5-3 2a11 11 0 0 0 5 5l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2", COPY_CODE: "M8 8h11v11H8zM5 15V5h10",
};
const PIN = "M12 21s7-6.200 7-11a7 7 0 1 0-14 0c0 4.800 7 11 7 11zM12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z";
const BADGE = "M12 2.500l2.600 2 3.200-.2.900 3.100 2.700 1.800-1.200 3 1.200 3-2.700 1.800-.9 3.100-3.200-.2-2.600 2-2.600-2-3.200.2-.9-3.100L2.600 15.200l1.200-3-1.200-3 2.700-1.800.9-3.100 3.200.2zM8.500 12l2.400 2.400 4.600-4.800";
let person = decodeURIComponent(location.hash.slice(1)).replace(/\D/g, "");
let drawn = "";
let known = null;
const towards = byId("towards");

function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 2600);
}

async function act(body) {
  try {
    const done = await send("inbound", { from: `+${person}`, phone_number_id: towards.value, ...body });
    if (done.to) open(done.to); else await draw();
  } catch (error) { toast(error.message); }
}

function header(part) {
  if (!part) return null;
  if (part.kind === "text") return el("h3", {}, part.text || "");
  if (part.kind === "location") {
    return el("div", {}, el("div", { class: "map" }, icon(PIN)), el("div", { class: "place" }, el("b", {}, part.name || ""), part.address || ""));
  }
  if (part.kind === "document") return el("a", { class: "doc", href: part.url, target: "_blank", rel: "noopener" }, el("i", {}, "PDF"), part.name || "document");
  if (part.url && part.kind === "image") return el("img", { class: "media", src: part.url, alt: "" });
  return el("div", { class: "media placeholder" }, part.host ? `${part.host} · ${part.name}` : part.kind);
}

function button(item, part) {
  const press = () => {
    if (part.type === "QUICK_REPLY") act({ kind: "button", wamid: item.wamid, index: part.index });
    else if (part.type === "COPY_CODE") toast(`${words.copied}: ${part.code}`);
    else if (part.type === "PHONE_NUMBER") toast(`${words.call}: ${part.phone}`);
    else toast(`${words.open_link}: ${part.url}`);
  };
  return el("button", { class: "tap", type: "button", onclick: press }, icon(ICONS[part.type] || ICONS.URL), part.text);
}

function ticks(stage) {
  const two = stage === "delivered" || stage === "read";
  const svg = icon(two ? "M1 6l3 3.500 6-8M7 8.500l1 1 6-8" : "M3 6l3 3.500 6-8", "0 0 16 11");
  if (stage === "read") svg.setAttribute("class", "read");
  return svg;
}

function message(item, items) {
  if (item.dir === "note") return el("div", { class: "sysnote" }, words[`note_${item.note}`] || item.note);
  if (item.type === "reaction") return null;
  const arrived = item.dir === "in" || item.stage === "delivered" || item.stage === "read";
  const quoted = item.context && items.find((other) => other.wamid === item.context);
  const top = header(item.header);
  const isText = item.header && item.header.kind === "text";
  const bubble = el("div", { class: "bubble" }, quoted ? el("div", { class: "quote" }, quoted.body || "") : null, top && !isText ? top : null);
  const text = el("div", { class: "text" }, ...(isText ? [top] : []), ...markup(item.body || ""));
  bubble.append(text);
  if (item.footer) bubble.append(el("div", { class: "foot" }, item.footer));
  const meta = el("div", { class: "meta" }, clock(item.at));
  if (item.dir === "out" && arrived) meta.append(ticks(item.stage));
  if (item.dir === "out" && !arrived && item.stage !== "failed") meta.append(` · ${words.on_its_way}`);
  bubble.append(meta, ...(item.buttons || []).map((part) => button(item, part)));
  const node = el("div", { class: `msg ${item.dir} ${arrived ? "" : "ghost"} ${top && !isText ? "has-media" : ""}` }, bubble);
  if (item.stage === "failed") node.append(el("div", { class: "why" }, `${words.did_not_arrive}: ${item.code} ${item.reason}`));
  const reaction = items.filter((other) => other.type === "reaction" && other.context === item.wamid).pop();
  if (reaction && reaction.reaction) node.append(el("span", { class: "react" }, reaction.reaction));
  if (item.dir === "out" && arrived) node.addEventListener("dblclick", () => act({ kind: "reaction", wamid: item.wamid, emoji: "👍" }));
  return node;
}

async function draw() {
  if (!person) return;
  const data = await get(`conversations/${person}?phone_number_id=${towards.value}`);
  known = data;
  if (document.visibilityState === "visible" && data.items.some((item) => item.stage === "delivered")) {
    send(`conversations/${person}/open`, { phone_number_id: data.business.id });
  }
  const state = JSON.stringify(data);
  if (state === drawn) return;
  drawn = state;
  byId("biz-name").replaceChildren(data.business.name, data.business.verified ? icon(BADGE) : "");
  byId("biz-avatar").textContent = initials(data.business.name);
  byId("aside").hidden = false;
  byId("who").textContent = data.person.name;
  byId("number").textContent = `+${data.person.digits}`;
  byId("username").textContent = data.person.username ? `@${data.person.username}${data.person.phone_shared ? "" : ` · ${words.phone_hidden}`}` : "-";
  byId("bsuid").textContent = data.person.bsuid;
  byId("window").textContent = data.window_open ? words.window_open : words.window_closed;
  byId("window").className = data.window_open ? "pill" : "pill dim";
  byId("prefer").textContent = data.person.marketing_stopped ? words.resume_offers : words.stop_offers;
  byId("block").textContent = data.person.blocked_phone_ids.includes(data.business.id) ? words.unblock : words.block;
  const chat = byId("chat");
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
  const rows = data.items.map((item) => message(item, data.items)).filter(Boolean);
  chat.replaceChildren(el("div", { class: "day" }, words.today), ...rows);
  if (atEnd || draw.person !== person) chat.scrollTop = chat.scrollHeight;
  draw.person = person;
}

let listed = "";
async function people() {
  const search = byId("find").value.trim();
  const { data } = await get(`conversations?phone_number_id=${towards.value}&search=${encodeURIComponent(search)}`);
  const state = JSON.stringify([data, person, towards.value]);
  if (state === listed) return;
  listed = state;
  byId("people").replaceChildren(...(data.length ? data.map((row) => el("button", { class: "who", type: "button", "aria-current": row.digits === person, onclick: () => open(row.digits) },
    el("span", { class: `avatar ${tint(row.digits)}`, "aria-hidden": "true" }, initials(row.name)),
    el("div", {}, el("strong", {}, row.name, el("small", {}, clock(row.at))), el("p", {}, row.last)))) : [el("p", { class: "empty" }, words.no_people)]));
}

function open(digits) {
  person = digits;
  drawn = "";
  history.replaceState(null, "", `#${digits}`);
  draw().catch((error) => toast(error.message));
  people();
}

async function numbers() {
  const { numbers: found, world } = await get("state");
  towards.replaceChildren(...found.map((one) => el("option", { value: one.id, selected: one.id === world.phone_number_id }, `${one.verified_name} ${one.display}`)));
}
towards.addEventListener("change", () => { drawn = ""; draw().catch((error) => toast(error.message)); people(); });
byId("open").addEventListener("submit", (event) => {
  event.preventDefault();
  const digits = byId("find").value.replace(/\D/g, "");
  if (digits.length > 6) { byId("find").value = ""; open(digits); }
});
byId("find").addEventListener("input", () => people());
byId("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("draft").value.trim();
  if (!person || !text) return;
  byId("draft").value = "";
  act({ kind: "text", text });
});
byId("aside").addEventListener("click", (event) => {
  const kind = event.target.dataset.act;
  if (event.target.dataset.send) act(JSON.parse(event.target.dataset.send));
  if (kind === "STOP") act({ kind: "text", text: "STOP" });
  if (kind === "referral") act({ kind: "referral", text: "Hello" });
  if (kind === "prefer") act({ kind: known.person.marketing_stopped ? "resume" : "stop" });
  if (kind === "block") act({ kind: known.person.blocked_phone_ids.includes(known.business.id) ? "unblock" : "block" });
});

async function tick() {
  try { byId("time").textContent = clock(Date.now() / 1000); await Promise.all([draw(), people()]); } catch { /* the simulator is restarting */ }
  setTimeout(tick, document.visibilityState === "visible" ? 700 : 4000);
}
numbers().catch(() => toast(words.lost)).then(tick);
