// Passkeys: the server's question goes to the browser, the browser's answer back; where to go next is the server's word.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function ask(address, body) {
  const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "Content-Type": "application/json" } });
  if (answer.redirected) return location.assign(answer.url);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.problem);
  return said;
}

async function made(question) {
  const user = { ...question.user, id: bytes(question.user.id) };
  const publicKey = { ...question, user, challenge: bytes(question.challenge), excludeCredentials: known(question.excludeCredentials) };
  const found = await navigator.credentials.create({ publicKey });
  return { found, response: { attestationObject: text(found.response.attestationObject), transports: found.response.getTransports?.() || [] } };
}

async function used(question) {
  const publicKey = { ...question, challenge: bytes(question.challenge), allowCredentials: known(question.allowCredentials) };
  const found = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = found.response;
  return { found, response: {
    authenticatorData: text(authenticatorData), signature: text(signature), userHandle: userHandle?.byteLength ? text(userHandle) : null,
  } };
}

async function run(place) {
  const problem = place.querySelector(".error");
  problem.hidden = true;
  let refused = "";
  try {
    const question = await ask(place.dataset.from, "{}").catch((error) => { refused = error.message; throw error; });
    if (!question) return;
    const { found, response } = await (place.dataset.passkey === "new" ? made : used)(question);
    const body = JSON.stringify({
      id: found.id, rawId: text(found.rawId), type: found.type, clientExtensionResults: {},
      response: { ...response, clientDataJSON: text(found.response.clientDataJSON) },
    });
    const name = place.querySelector("[name=name]")?.value;
    const address = name ? `${place.dataset.to}?name=${encodeURIComponent(name)}` : place.dataset.to;
    const said = await ask(address, body).catch((error) => { refused = error.message; throw error; });
    if (said) location.assign(said.to);
  } catch {
    problem.textContent = refused || place.dataset.failed;
    problem.hidden = false;
  }
}

for (const place of document.querySelectorAll("[data-passkey]")) {
  const able = window.PublicKeyCredential && !/^[\d.]+$|^\[/.test(location.hostname);
  if (place.dataset.passkey === "new") {
    place.addEventListener("submit", (event) => { event.preventDefault(); if (able) run(place); });
    if (!able) {
      place.querySelector(".error").textContent = place.dataset.missing;
      place.querySelector(".error").hidden = false;
      place.querySelector(".button-primary").disabled = true;
    }
  } else if (able) {
    place.hidden = false;
    place.querySelector("button").addEventListener("click", () => run(place));
  }
}
