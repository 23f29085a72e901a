// Accounts, portfolios and templates: reviews, restrictions, bans, limits.
import { clock, number as shown, send, words } from "./common.js";
import { act, group, item, pick, pill, section } from "./parts.js";

const RESTRICTIONS = ["RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING", "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "RESTRICTED_UTILITY_TEMPLATES"];
const OTHERS = ["VOLUME_BASED_PRICING_TIER_UPDATE", "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE", "MM_LITE_TERMS_SIGNED", "AD_ACCOUNT_LINKED", "PARTNER_ADDED", "PARTNER_REMOVED", "PARTNER_APP_INSTALLED", "PARTNER_APP_UNINSTALLED", "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE"];
const TIERS = [["TIER_250", "250"], ["TIER_2K", "2K"], ["TIER_10K", "10K"], ["TIER_100K", "100K"], ["TIER_UNLIMITED", "∞"]];
const HOUR = 3600;

function panel(waba, portfolio) {
  const path = `wabas/${waba.id}`;
  const update = (event, more = {}) => [`${path}/update`, { event, ...more }];
  const facts = [
    pill(`${words.review}: ${waba.account_review_status}`, waba.account_review_status === "APPROVED" ? "" : "bad"), pill(waba.currency, "dim"),
    waba.status === "ACTIVE" ? null : pill(waba.status, "bad"), waba.primary_funding_id ? null : pill(words.no_payment, "bad"),
    ...waba.restrictions.map((one) => pill(`${one.restriction_type} → ${clock(one.lifts_at)}`, "bad")),
    waba.restriction ? pill(String(waba.restriction), "bad") : null, waba.ban_state ? pill(`${waba.ban_state} ${waba.ban_date}`, "bad") : null,
    Object.keys(waba.subscribed).length ? pill(words.subscribed) : pill(words.not_subscribed, "dim"),
  ];
  return item(path, waba.name, facts, [waba.id, portfolio?.name, waba.violations.join(", ")].filter(Boolean).join(" · "),
    group("restriction", act("restrict_hour", ...update("ACCOUNT_RESTRICTION", { seconds: HOUR }), { danger: true }), act("restrict_hour_131031", ...update("ACCOUNT_RESTRICTION", { seconds: HOUR, code: 131031 }), { danger: true }),
      pick(`${path} restrict`, "restrict_day", RESTRICTIONS, (kind) => send(...update("ACCOUNT_RESTRICTION", { restriction_type: kind, seconds: 24 * HOUR }))), act("lift", `${path}/lift`), act("violation", ...update("ACCOUNT_VIOLATION"), { danger: true })),
    group("ban", act("ban_week", ...update("DISABLED_UPDATE", { waba_ban_state: "SCHEDULE_FOR_DISABLE" }), { danger: true }), act("ban_now", ...update("DISABLED_UPDATE", { waba_ban_state: "DISABLE" }), { danger: true }),
      act("reinstate", ...update("DISABLED_UPDATE", { waba_ban_state: "REINSTATE" })), act("delete_account", ...update("ACCOUNT_DELETED"), { danger: true, confirm: true }), waba.status === "DELETED" ? act("undelete", path, { status: "ACTIVE" }) : null),
    group("review", act("approve", `${path}/review`, { decision: "APPROVED" }), act("reject", `${path}/review`, { decision: "REJECTED" }, { danger: true }), act("pending", `${path}/review`, { decision: "PENDING" }), act("defer", `${path}/review`, { decision: "DEFERRED" }), act("verified", ...update("VERIFIED_ACCOUNT"))),
    group("payment", waba.primary_funding_id ? act("payment_lost", path, { primary_funding_id: "" }, { danger: true }) : act("payment_found", path, { primary_funding_id: "119000000000021" })),
    group("connection", act("offboard", ...update("ACCOUNT_OFFBOARDED"), { danger: true }), act("reconnect", ...update("ACCOUNT_RECONNECTED")), act("access_lost", ...update("PARTNER_REMOVED", { lose_access: true }), { danger: true }),
      pick(`${path} tell`, "tell_event", OTHERS, (event) => send(...update(event)))),
    group("odd", act("unsubscribe", `${path}/stray`, { kind: "unsubscribed" }, { danger: true }), act("stray_number", `${path}/stray`, { kind: "unknown_number" }), act("stray_account", `${path}/stray`, { kind: "unknown_account" }),
      act("stray_field", `${path}/stray`, { kind: "unknown_field" }), act("stray_signature", `${path}/stray`, { kind: "bad_signature" }, { danger: true })));
}

export function accounts(state) {
  const owners = Object.fromEntries(state.portfolios.map((portfolio) => [portfolio.id, portfolio]));
  section("accounts", [state.wabas, owners], () => state.wabas.map((waba) => panel(waba, owners[waba.portfolio_id])));
}

function portfolio(one, waba) {
  const path = `portfolios/${one.id}`;
  const alert = (type) => [`wabas/${waba?.id}/alert`, { type }];
  const facts = [pill(one.limit_tier), pill(one.verification_status, one.verification_status === "verified" ? "" : "bad"), pill(`${words.used_24h}: ${shown(one.users_in_24h)}`, "dim")];
  return item(path, one.name, facts, one.id,
    group("messaging_limit", ...TIERS.map(([tier, label]) => { const button = act("limit_to", path, { limit_tier: tier }); button.textContent = `${words.limit_to} ${label}`; button.disabled = tier === one.limit_tier; return button; })),
    group("verification", act("verify", path, { verification_status: "verified" }), act("unverify", path, { verification_status: "not_verified" }, { danger: true })),
    group("number_limit", act("two_numbers", path, { number_limit: 2 }), act("twenty_numbers", path, { number_limit: 20 })),
    waba ? group("alert", act("raise_deferred", ...alert("INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED")), act("raise_failed", ...alert("INCREASED_CAPABILITIES_ELIGIBILITY_FAILED")), act("raise_info", ...alert("INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO"))) : null);
}

export function portfolios(state) {
  const first = (id) => state.wabas.find((waba) => waba.portfolio_id === id);
  section("portfolios", [state.portfolios, state.wabas.map((waba) => waba.id)], () => state.portfolios.map((one) => portfolio(one, first(one.id))));
}

function template(one, change) {
  const path = `templates/${one.id}`;
  const facts = [pill(one.status, one.status === "APPROVED" ? "" : "bad"), pill(one.category, "dim"), pill(one.quality, one.quality === "RED" ? "bad" : "dim")];
  const status = (value, more = {}) => [`${path}/status`, { status: value, ...more }];
  return item(path, `${one.name} · ${one.language}`, facts, [one.id, change ? `${change.data.category} → ${clock(change.due)}` : ""].filter(Boolean).join(" · "),
    group("status", act("approve", ...status("APPROVED")), act("reject", ...status("REJECTED", { reason: "INVALID_FORMAT" }), { danger: true }), act("pause_first", ...status("PAUSED")), act("pause_second", ...status("PAUSED", { pause: "SECOND_PAUSE" })), act("disable", ...status("DISABLED"), { danger: true }), act("archive", ...status("ARCHIVED"))),
    group("quality", act("quality_low", path, { quality: "RED" }, { danger: true }), act("quality_medium", path, { quality: "YELLOW" }), act("quality_high", path, { quality: "GREEN" })),
    group("category", pick(`${path} announce`, "announce_category", ["MARKETING", "UTILITY"], (category) => send(`${path}/category`, { category })), pick(`${path} now`, "change_category", ["MARKETING", "UTILITY"], (category) => send(`${path}/category`, { category, after_s: 0 }))));
}

export function templates(state) {
  const own = state.templates.filter((one) => one.waba_id === state.world.waba_id);
  const changes = Object.fromEntries(state.appointments.filter((one) => one.what === "category_change").map((one) => [one.about, one]));
  section("templates", [own, changes], () => own.map((one) => template(one, changes[one.id])));
}
