// Faults: presets for what happens most, a form for the rest.
import { el, send, words } from "./common.js";
import { act, byId, pill, run, section } from "./parts.js";

const PRESETS = [
  ["goes_dead_all", { endpoint: "webhook", kind: "cut_before" }], ["handshake_fails_all", { endpoint: "handshake", kind: "error" }], ["webhook_slow", { endpoint: "webhook", kind: "slow", seconds: 12 }],
  ["meta_down", { endpoint: "any", kind: "http_500" }], ["meta_slow", { endpoint: "any", kind: "slow", seconds: 12 }], ["token_refused", { endpoint: "any", kind: "error", code: 190 }],
  ["rate_hit", { endpoint: "messages", kind: "throttle" }], ["answers_lost", { endpoint: "messages", kind: "timeout_after" }], ["calls_limit", { endpoint: "any", kind: "error", code: 80007 }],
];

export function faults(state) {
  section("presets", "once", () => PRESETS.map(([key, fault]) => act(key, "faults", fault, { danger: true })));
  section("faults", state.faults, () => (state.faults.length ? state.faults.map((fault) => el("div", { class: "faultline" },
    el("span", {}, el("code", {}, fault.endpoint), " ", pill(fault.kind === "error" ? `${fault.kind} ${fault.code}` : fault.kind, "bad"), ` ${words[`mode_${fault.mode}`]} · n ${fault.n} · ${fault.hits}× ${fault.url}`),
    act("switch_off", `faults/${fault.id}`, {}, { method: "DELETE" }))) : [el("p", { class: "empty" }, words.no_faults)]));
  if (faults.ready) return;
  faults.ready = true;
  byId("faults-off").addEventListener("click", run(() => send("faults", {}, "DELETE")));
  byId("fault").addEventListener("submit", run(() => {
    const form = Object.fromEntries(new FormData(byId("fault")));
    return send("faults", { ...form, n: Number(form.n), code: Number(form.code) });
  }, words.switch_on));
}
