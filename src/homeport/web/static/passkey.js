// Asks the browser for a security key or passkey, and sends its answer with the form. Only a script can.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readable(options) {
  const keys = [...(options.allowCredentials || []), ...(options.excludeCredentials || [])];
  for (const key of keys) key.id = bytes(key.id);
  if (options.user) options.user.id = bytes(options.user.id);
  options.challenge = bytes(options.challenge);
  return options;
}

function sendable(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const status = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential) {
      status.textContent = "This browser knows no security keys. Use another, or a code.";
      return;
    }
    status.textContent = "Waiting for your key…";
    try {
      const publicKey = readable(JSON.parse(form.dataset.options));
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
      form.elements.answer.value = sendable(credential);
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      status.textContent = `No key answered (${error.message}). Press the button to try again.`;
    }
  });
}
