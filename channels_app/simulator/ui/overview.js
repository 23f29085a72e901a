// The overview: what happened, the clock, and a section for everything that can be made to happen.
import { accounts, portfolios, templates } from "./accounts.js";
import { clock, el, get, number, send, words } from "./common.js";
import { faults } from "./faults.js";
import { numbers } from "./numbers.js";
import { byId, pill, run, say, section, table, whenChanged } from "./parts.js";
import { people } from "./people.js";
import { tokens } from "./tokens.js";
import { webhooks } from "./webhooks.js";

function tiles(state) {
  const { ledger } = state;
  const values = [[words.accepted, ledger.accepted], [words.unique, ledger.unique_recipients], [words.most_one, ledger.max_per_recipient], [words.delivered, ledger.stages.delivered + ledger.stages.read], [words.read, ledger.stages.read], [words.failed, ledger.stages.failed], [words.waiting, state.timeline_waiting + state.webhooks.waiting]];
  section("tiles", values, () => values.map(([label, value]) => el("div", { class: "tile" }, el("b", {}, number(value)), el("span", {}, label))));
}

function time(state) {
  byId("now").textContent = `${new Date(state.clock.now * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC · ×${state.clock.speed}`;
  const speed = byId("clock").elements.speed;
  if (document.activeElement !== speed && !speed.value) speed.value = state.clock.speed;
}

function recent(rows) {
  section("recent", rows, () => [table([words.when, words.recipient, words.template, words.state], [...rows].reverse().map((row) => [
    clock(row.at), el("a", { href: `/_control/phone#${row.to}` }, `+${row.to}`), row.template || "-", pill(row.code ? `${row.stage} ${row.code}` : words[row.stage] || row.stage, row.stage === "failed" ? "bad" : row.stage === "accepted" ? "dim" : ""),
  ]), words.no_messages)]);
}

function world(state) {
  section("world", state.world, () => [table([words.name, words.value, ""], Object.entries(state.world).map(([key, value]) => [key.replaceAll("_", " "), el("code", {}, value), el("button", { class: "btn small", type: "button", "aria-label": `${words.copy}: ${key}`, onclick: run(() => navigator.clipboard.writeText(value), words.copy) }, words.copy)]), "")]);
}

async function draw() {
  const state = await get("state");
  const ledger = await get(`ledger?limit=12&after=${Math.max(0, state.last_id - 12)}`);
  for (const part of [tiles, time, numbers, accounts, portfolios, templates, tokens, people, faults, world]) part(state);
  recent(ledger.data);
  await webhooks(state);
}

whenChanged(draw);
byId("clock").addEventListener("submit", run(() => send("clock", { speed: Number(byId("clock").elements.speed.value) }), words.speed));
for (const button of document.querySelectorAll("[data-advance]")) button.addEventListener("click", run(() => send("clock", { advance_s: Number(button.dataset.advance) })));
for (const button of document.querySelectorAll("[data-reset]")) {
  const label = button.textContent;
  button.addEventListener("click", async (event) => {
    if (button.textContent === label) { button.textContent = words.really; setTimeout(() => { button.textContent = label; }, 4000); return; }
    button.textContent = label;
    await run(() => send("reset", { world: button.dataset.reset === "world" }), label)(event);
  });
}

let isLost = false;
async function tick() {
  try { await draw(); isLost = false; } catch { if (!isLost) say(words.lost, "bad"); isLost = true; }
  setTimeout(tick, document.visibilityState === "visible" ? 1500 : 6000);
}
tick();
