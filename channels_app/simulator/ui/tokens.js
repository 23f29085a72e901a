// Tokens: what each may, what it reaches, how long it lives.
import { el, send, words } from "./common.js";
import { act, byId, group, item, pill, run, section } from "./parts.js";

const SCOPES = { whatsapp_business_messaging: "messaging", whatsapp_business_management: "management", business_management: "business" };
const DAY = 86400;

function life(token, now) {
  if (token.is_revoked) return [words.revoked, "bad"];
  if (!token.expires_at) return [words.never_expires, ""];
  const left = token.expires_at - now;
  if (left <= 0) return [words.expired, "bad"];
  if (left < 2 * DAY) return [words.hours_left.replace("{n}", String(Math.ceil(left / 3600))), "bad"];
  return [words.days_left.replace("{n}", String(Math.floor(left / DAY))), left < 14 * DAY ? "bad" : ""];
}

function panel(token, now, names, app) {
  const path = `tokens/${encodeURIComponent(token.token)}`;
  const [text, kind] = life(token, now);
  const facts = [pill(text, kind), pill(token.type, token.type === "SYSTEM_USER" ? "dim" : "bad"), pill(app?.name ?? token.app_id, "dim"), ...token.scopes.map((scope) => pill(SCOPES[scope] ?? scope, "dim"))];
  const toggle = (scope, lose, gain) => (token.scopes.includes(scope) ? act(lose, path, { scopes: token.scopes.filter((one) => one !== scope) }, { danger: true }) : act(gain, path, { scopes: [...token.scopes, scope] }));
  const reach = token.waba_ids.map((id) => names[id]).join(", ") || words.reaches_nothing;
  const copy = el("button", { class: "btn small", type: "button", "data-key": `${path} copy`, onclick: run(() => navigator.clipboard.writeText(token.token), words.copy) }, words.copy);
  return item(path, token.label || token.token.slice(0, 18), facts, `${words.reaches}: ${reach}`,
    el("p", {}, el("code", {}, token.token), " ", copy),
    group("life", token.is_revoked ? act("works_again", path, { is_revoked: false }) : act("token_dies", "tokens", { revoke: token.token }, { danger: true }), act("expires_now", path, { expires_in_s: 0 }, { danger: true }), act("expires_day", path, { expires_in_s: DAY + 60 }),
      act("expires_week", path, { expires_in_s: 7 * DAY + 60 }), act("expires_never", path, { expires_at: 0 })),
    group("permissions", toggle("whatsapp_business_messaging", "lose_messaging", "gain_messaging"), toggle("whatsapp_business_management", "lose_management", "gain_management"), toggle("business_management", "lose_business", "gain_business")),
    group("assets", token.waba_ids.length ? act("lose_assets", path, { waba_ids: [], lost_waba_ids: token.waba_ids }, { danger: true }) : act("gain_assets", path, { waba_ids: token.lost_waba_ids, lost_waba_ids: [] })));
}

export function tokens(state) {
  const names = Object.fromEntries(state.wabas.map((waba) => [waba.id, waba.name]));
  const apps = Object.fromEntries(state.apps.map((app) => [app.id, app]));
  const now = state.clock.real_now;
  const lives = state.tokens.map((token) => life(token, now));
  section("tokens", [state.tokens, lives, names], () => state.tokens.map((token) => panel(token, now, names, apps[token.app_id])));
  byId("make-token").onclick = run(() => send("tokens", {}), words.make_token);
  byId("make-user-token").onclick = run(() => send("tokens", { type: "USER", label: words.of_person }), words.make_user_token);
}
