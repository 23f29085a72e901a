// Passkeys: wires allauth's WebAuthn forms (static, loaded before this) from data attributes, because the CSP forbids inline scripts.
// A form names its ceremony: <form data-wm-passkey="login|add|authenticate" …>, its button [data-wm-passkey-start].
const ceremonies = { login: "loginForm", add: "addForm", authenticate: "authenticateForm" };
const failed = document.getElementById("passkey-failed");

document.addEventListener("allauth.error", (event) => {
  if (!failed) return;
  event.preventDefault();
  failed.hidden = false;
  failed.focus();
});
for (const form of document.querySelectorAll("form[data-wm-passkey]")) {
  const start = document.querySelector(`[data-wm-passkey-start="${form.id}"]`);
  if (!window.PublicKeyCredential) { start.disabled = true; continue; }
  const ids = { credential: form.querySelector("[name=credential]").id, data: "js_data" };
  const key = { login: "login", add: "add", authenticate: "authenticate" }[form.dataset.wmPasskey];
  ids[key] = start.id;
  const passwordless = form.querySelector("[name=passwordless]");
  if (passwordless) ids.passwordless = passwordless.id;
  window.allauth.webauthn.forms[ceremonies[form.dataset.wmPasskey]]({ ids });
}
