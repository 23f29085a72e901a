// The overview: counts, clock, faults, ledger, deliveries, ids.
import { clock, el, get, number, send, words } from "./common.js";

const byId = (id) => document.getElementById(id);
const run = (work) => async (event) => { event?.preventDefault(); try { await work(event); await draw(); } catch (error) { alert(error.message); } };

function table(heads, rows, empty) {
  if (!rows.length) return el("p", { class: "empty" }, empty);
  return el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell))))));
}

const pill = (text, kind = "") => el("span", { class: `pill ${kind}` }, text);

function tiles(state) {
  const { ledger } = state;
  const values = [[words.accepted, ledger.accepted], [words.unique, ledger.unique_recipients], [words.most_one, ledger.max_per_recipient], [words.delivered, ledger.stages.delivered + ledger.stages.read], [words.read, ledger.stages.read], [words.failed, ledger.stages.failed], [words.waiting, state.timeline_waiting + state.webhooks.waiting]];
  byId("tiles").replaceChildren(...values.map(([label, value]) => el("div", { class: "tile" }, el("b", {}, number(value)), el("span", {}, label))));
}

function senders(state) {
  byId("senders").replaceChildren(...state.numbers.filter((item) => item.waba_id === state.world.waba_id).map((item) => {
    const high = item.throughput === "HIGH";
    const connected = item.status === "CONNECTED";
    return el("div", { class: "faultline" }, el("span", {}, el("b", {}, item.display), " ", pill(item.status, connected ? "" : "dim")),
      connected ? el("button", { class: "btn small", onclick: run(() => send(`numbers/${item.id}`, { throughput: high ? "STANDARD" : "HIGH" })) }, high ? words.to_standard : words.to_high) : null);
  }));
}

function faults(state) {
  byId("faults").replaceChildren(...(state.faults.length ? state.faults.map((fault) => el("div", { class: "faultline" },
    el("span", {}, el("code", {}, fault.endpoint), " ", pill(fault.kind, "bad"), ` ${words[`mode_${fault.mode}`]} · n ${fault.n} · ${fault.hits}×`),
    el("button", { class: "btn small", onclick: run(() => send(`faults/${fault.id}`, {}, "DELETE")) }, words.switch_off))) : [el("p", { class: "empty" }, words.no_faults)]));
}

async function draw() {
  const state = await get("state");
  const [deliveries, ledger] = await Promise.all([get("deliveries?limit=12"), get(`ledger?limit=12&after=${Math.max(0, state.last_id - 12)}`)]);
  tiles(state);
  senders(state);
  faults(state);
  byId("now").textContent = `${new Date(state.clock.now * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC · ×${state.clock.speed}`;
  const speed = byId("clock").elements.speed;
  if (document.activeElement !== speed && !speed.value) speed.value = state.clock.speed;
  byId("recent").replaceChildren(table([words.when, words.recipient, words.template, words.state], ledger.data.reverse().map((row) => [
    clock(row.at), el("a", { href: `/_control/phone#${row.to}` }, `+${row.to}`), row.template || "-", pill(row.code ? `${row.stage} ${row.code}` : words[row.stage] || row.stage, row.stage === "failed" ? "bad" : row.stage === "accepted" ? "dim" : ""),
  ]), words.no_messages));
  byId("deliveries").replaceChildren(table([words.when, words.updates, words.answer, words.attempts, words.target, ""], deliveries.data.map((row) => [
    clock(row.created_at), number(row.updates), pill(row.http ? `${row.http} · ${row.took_ms} ms` : row.error.split(":")[0] || "…", row.state === "delivered" ? "" : "bad"), String(row.attempts), el("code", {}, row.url.replace(/^https?:\/\//, "")),
    el("button", { class: "btn small", onclick: run(() => send(`deliveries/${row.id}/redeliver`)) }, words.again),
  ]), words.no_deliveries));
  if (!byId("world").childElementCount) {
    byId("world").replaceChildren(table(["", "", ""], Object.entries(state.world).map(([key, value]) => [key.replaceAll("_", " "), el("code", {}, value), el("button", { class: "btn small", onclick: () => navigator.clipboard.writeText(value) }, words.copy)]), ""));
  }
}

byId("clock").addEventListener("submit", run(() => send("clock", { speed: Number(byId("clock").elements.speed.value) })));
byId("advance").addEventListener("click", run(() => send("clock", { advance_s: 3600 })));
byId("faults-off").addEventListener("click", run(() => send("faults", {}, "DELETE")));
byId("fault").addEventListener("submit", run(() => {
  const form = Object.fromEntries(new FormData(byId("fault")));
  return send("faults", { ...form, n: Number(form.n), code: Number(form.code) });
}));
for (const button of document.querySelectorAll("[data-reset]")) {
  const label = button.textContent;
  button.addEventListener("click", run(async () => {
    if (button.textContent === label) { button.textContent = words.really; setTimeout(() => { button.textContent = label; }, 4000); return; }
    button.textContent = label;
    await send("reset", { world: button.dataset.reset === "world" });
  }));
}

async function tick() {
  try { await draw(); } catch { /* the simulator is restarting */ }
  setTimeout(tick, document.visibilityState === "visible" ? 1500 : 6000);
}
tick();
