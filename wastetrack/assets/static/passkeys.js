"use strict";
// Passkeys in ordinary forms. A button with data-passkey ("get" or "create") asks the browser, writes the answer as
// JSON into the form's hidden field `assertion` and sends the form. What to ask stands in data-passkey-options, or is
// fetched when the button is used from data-passkey-options-from (a POST, answered as JSON).
// Without script, or in a browser without passkeys, the button stays hidden and the form's other fields do.
(() => {
  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // Browsers that know toJSON and parse…FromJSON do the same; not all that know passkeys know those.
  const withBytes = (options) => {
    const asked = { ...options, challenge: toBytes(options.challenge) };
    if (options.user) asked.user = { ...options.user, id: toBytes(options.user.id) };
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (options[list]) asked[list] = options[list].map((one) => ({ ...one, id: toBytes(one.id) }));
    }
    return asked;
  };

  const asJson = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  };

  const optionsOf = async (button) => {
    const address = button.dataset.passkeyOptionsFrom;
    if (!address) return JSON.parse(button.dataset.passkeyOptions);
    const token = button.form.elements.namedItem("csrf_token").value;
    // The key that makes repeating a request harmless; each use of the button is a request of its own.
    const headers = { "X-CSRF-Token": token, "Idempotency-Key": crypto.randomUUID() };
    const answer = await fetch(address, { method: "POST", headers });
    if (!answer.ok) throw new Error(`the options were refused: ${answer.status}`);
    return answer.json();
  };

  const use = async (button) => {
    const form = button.form;
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    button.disabled = true;
    try {
      const publicKey = withBytes(await optionsOf(button));
      const made =
        button.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
      form.elements.namedItem("assertion").value = JSON.stringify(asJson(made));
      form.submit();
    } catch (why) {
      // Cancelled, timed out, no fitting passkey: browsers do not say which, on purpose.
      failed.hidden = false;
      button.disabled = false;
    }
  };

  for (const button of document.querySelectorAll("button[data-passkey]")) {
    const able = Boolean(window.PublicKeyCredential && navigator.credentials);
    button.hidden = !able;
    button.form.querySelector("[data-passkey-needs-script]").hidden = true;
    button.form.querySelector("[data-passkey-unable]").hidden = able;
    button.addEventListener("click", () => use(button));
  }
})();
