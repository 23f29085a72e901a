// Webhooks: who listens where, which address is dead, what was delivered.
import { clock, el, get, number, words } from "./common.js";
import { act, group, item, pill, section, table } from "./parts.js";

function listeners(state) {
  const found = state.apps.filter((app) => app.callback_url).map((app) => ({ url: app.callback_url, who: `${words.app}: ${app.name}`, fields: app.fields.length }));
  for (const waba of state.wabas) {
    for (const override of Object.values(waba.subscribed)) {
      if (override.override_callback_uri) found.push({ url: override.override_callback_uri, who: `${words.account}: ${waba.name}` });
    }
  }
  for (const one of state.numbers) {
    if (one.override_callback_uri) found.push({ url: one.override_callback_uri, who: `${words.number}: ${one.display}` });
  }
  return found;
}

function controls(listener, faults) {
  const fault = (endpoint) => faults.find((one) => one.endpoint === endpoint && one.url === listener.url);
  const dead = fault("webhook");
  const deaf = fault("handshake");
  return el("div", { class: "controls" }, dead ? pill(words.dead, "bad") : null, deaf ? pill(words.handshake_fails, "bad") : null,
    dead ? act("alive_again", `faults/${dead.id}`, {}, { method: "DELETE" }) : act("goes_dead", "faults", { endpoint: "webhook", kind: "cut_before", url: listener.url }, { danger: true }),
    deaf ? act("handshake_works", `faults/${deaf.id}`, {}, { method: "DELETE" }) : act("handshake_fails", "faults", { endpoint: "handshake", kind: "error", url: listener.url }, { danger: true }));
}

function app(one, first) {
  const path = `apps/${one.id}`;
  const facts = [pill(one.callback_url ? words.has_address : words.no_address, one.callback_url ? "" : "dim"), one.require_proof ? pill("appsecret_proof", "bad") : null, pill(`${words.fields}: ${one.fields.length}`, "dim")];
  const others = one.fields.filter((name) => name !== "messages");
  return item(path, one.name, facts, [one.id, one.fields.join(", ")].filter(Boolean).join(" · "),
    el("p", {}, `${words.secret}: `, el("code", {}, one.secret)),
    group("app", one.require_proof ? act("proof_off", path, { require_proof: false }) : act("proof_on", path, { require_proof: true }, { danger: true }),
      act("secret_reset", path, { secret: `sim_reset_secret_${one.id}` }, { danger: true }), first ? act("secret_back", path, { secret: first }) : null,
      act("address_lost", path, { callback_url: "" }, { danger: true }), one.fields.includes("messages") ? act("messages_off", path, { webhook_fields: others }, { danger: true }) : act("messages_on", path, { webhook_fields: [...others, "messages"] })));
}

export async function webhooks(state) {
  const firsts = { [state.world.app_id]: state.world.app_secret, [state.world.second_app_id]: state.world.second_app_secret };
  section("apps", state.apps, () => state.apps.map((one) => app(one, firsts[one.id])));
  const found = listeners(state);
  section("listeners", [found, state.faults.map((one) => [one.id, one.url])], () => [table([words.target, words.listens, ""], found.map((one) => [
    el("code", {}, one.url.replace(/^https?:\/\//, "")), one.fields === undefined ? one.who : `${one.who} (${one.fields})`, controls(one, state.faults),
  ]), words.no_listeners)]);
  const deliveries = await get("deliveries?limit=20");
  section("deliveries", deliveries.data, () => [table([words.when, words.what, words.answer, words.attempts, words.target, ""], deliveries.data.map((row) => [
    clock(row.created_at), Object.entries(row.kinds).map(([kind, count]) => (count > 1 ? `${kind} ×${number(count)}` : kind)).join(", "),
    pill(row.http ? `${row.http} · ${row.took_ms} ms` : row.error.split(":")[0] || "…", row.state === "delivered" ? "" : "bad"), String(row.attempts),
    el("code", {}, row.url.replace(/^https?:\/\//, "")), act("again", `deliveries/${row.id}/redeliver`),
  ]), words.no_deliveries)]);
}

