// People: let anybody act towards any number.
import { el, send, words } from "./common.js";
import { byId, run, section } from "./parts.js";

const KINDS = ["text", "referral", "image", "video", "document", "audio", "sticker", "location", "contacts", "order", "button", "list_reply", "flow_reply", "reaction", "edit", "revoke", "unsupported", "oversized", "stop", "resume", "signup", "block", "unblock", "username", "number_change", "identity_change", "error"];
const WITH_TEXT = { text: "text", referral: "text", image: "caption", video: "caption", document: "caption", username: "username", number_change: "to", reaction: "emoji", edit: "text" };
const MUST = new Set(["text", "referral", "edit"]);

function body(form) {
  const data = { from: form.from.value, kind: form.kind.value, phone_number_id: form.phone_number_id.value };
  const key = WITH_TEXT[data.kind];
  const text = form.text.value.trim();
  if (key && (text || MUST.has(data.kind))) data[key] = text || words.hello;
  for (const flag of ["phone_hidden", "forwarded", "reply_to"]) if (form[flag].checked) data[flag] = true;
  return data;
}

export function people(state) {
  const form = byId("act").elements;
  section("act-number", state.numbers.map((one) => [one.id, one.display]), () => state.numbers.map((one) => el("option", { value: one.id }, `${one.display} ${one.verified_name}`)));
  if (people.ready) return;
  people.ready = true;
  byId("act-kind").replaceChildren(...KINDS.map((kind) => el("option", { value: kind }, words[`act_${kind}`] ?? kind)));
  byId("act").addEventListener("submit", run(() => send("inbound", body(form)), words.act_done));
  form.from.addEventListener("input", () => { byId("act-phone").href = `/_control/phone#${form.from.value.replace(/\D/g, "")}`; });
}
