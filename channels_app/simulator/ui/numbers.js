// Phone numbers: what each one is, and everything Meta can do to it.
import { clock, send, words } from "./common.js";
import { act, fill, group, item, open, pick, pill, section } from "./parts.js";

const QUALITY = { GREEN: "", YELLOW: "dim", RED: "bad", UNKNOWN: "dim", NA: "dim" };
const STATUSES = ["CONNECTED", "PENDING", "DISCONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED", "BANNED", "MIGRATED", "DELETED"];
const REASONS = ["NAME_FORMAT_UNACCEPTABLE", "NAME_NOT_CONSISTENT", "NAME_EMPLOYEE_ISSUE", "NAME_ENDCLIENT_NOTRELATED", "NAME_INDIVIDUAL_ISSUE", "UNKNOWN"];

function note(number, review) {
  const lines = [];
  if (number.code) lines.push(`${words.code_sent}: ${number.code}`);
  if (number.new_name) lines.push(`${words.new_name}: ${number.new_name} (${number.new_name_status})`);
  if (review) lines.push(`${words.review_ends} ${clock(review.due)}`);
  if (number.override_callback_uri) lines.push(`${words.override}: ${number.override_callback_uri}`);
  return lines.join(" · ");
}

function panel(number, waba, review) {
  const path = `numbers/${number.id}`;
  const facts = [
    pill(number.status, number.status === "CONNECTED" ? "" : "bad"), pill(number.quality_rating, QUALITY[number.quality_rating]),
    pill(number.throughput === "HIGH" ? "1,000/s" : "80/s", "dim"), pill(`${words.name}: ${number.name_status}`, number.name_status === "APPROVED" ? "dim" : "bad"),
    pill(number.pin ? `PIN ${number.pin}` : words.no_pin, "dim"), number.code ? pill(`${words.code} ${number.code}`) : null,
    number.account_mode === "LIVE" ? null : pill(number.account_mode, "bad"), number.is_deregistration_incomplete ? pill("133000", "bad") : null,
  ];
  return item(path, `${number.display} ${number.verified_name}`, facts, [waba?.name, number.id, note(number, review)].filter(Boolean).join(" · "),
    group("quality", act("quality_low", path, { quality_rating: "RED" }, { danger: true }), act("quality_medium", path, { quality_rating: "YELLOW" }), act("quality_high", path, { quality_rating: "GREEN" }),
      act("flag", `${path}/quality`, { event: "FLAGGED" }, { danger: true }), act("unflag", `${path}/quality`, { event: "UNFLAGGED" })),
    group("limits", number.throughput === "HIGH" ? act("to_standard", path, { throughput: "STANDARD" }) : act("to_high", path, { throughput: "HIGH" }),
      act("limit_up", `${path}/quality`, { event: "UPGRADE" }), act("limit_down", `${path}/quality`, { event: "DOWNGRADE" })),
    group("display_name", fill(`${path} name`, "hand_in", words.new_name, (name) => send(`${path}/name`, { name })), act("approve", `${path}/name`, { decision: "APPROVED" }),
      act("defer", `${path}/name`, { decision: "DEFERRED" }), pick(`${path} reason`, "reject", REASONS, (reason) => send(`${path}/name`, { decision: "REJECTED", reason }))),
    group("registration", act("needs_verification", path, { code_verification_status: "NOT_VERIFIED" }), act("is_verified", path, { code_verification_status: "VERIFIED" }),
      act("half_deregistered", path, { is_deregistration_incomplete: true }, { danger: true }), act("unlock", `${path}/unlock`), pick(`${path} status`, "set_status", STATUSES, (status) => send(path, { status }))),
    group("security", fill(`${path} pin`, "change_pin", words.six_digits, (pin) => send(path, { pin })), act("pin_reset_asked", `${path}/security`, { event: "PIN_RESET_REQUEST" }),
      act("pin_reset_done", `${path}/security`, { event: "PIN_RESET_SUCCESS" }, { danger: true })),
    group("profile", number.account_mode === "LIVE" ? act("sandbox", path, { account_mode: "SANDBOX" }) : act("live", path, { account_mode: "LIVE" }), act("oba_yes", `${path}/alert`, { type: "OBA_APPROVED" }), act("oba_no", `${path}/alert`, { type: "OBA_REJECTED" }), act("picture_lost", `${path}/alert`, { type: "PROFILE_PICTURE_LOST" }),
      fill(`${path} username`, "take_username", "lumen.coffee", (username) => send(`${path}/username`, { username }))));
}

export function numbers(state) {
  const wabas = Object.fromEntries(state.wabas.map((waba) => [waba.id, waba]));
  const reviews = Object.fromEntries(state.appointments.filter((one) => one.what === "name_review").map((one) => [one.about, one]));
  const known = [...state.numbers].sort((a, b) => Number(b.waba_id === state.world.waba_id) - Number(a.waba_id === state.world.waba_id));
  if (!numbers.drawn) open(`numbers/${state.world.phone_number_id}`);
  numbers.drawn = true;
  section("numbers", [known, reviews], () => known.map((number) => panel(number, wabas[number.waba_id], reviews[number.id])));
}
