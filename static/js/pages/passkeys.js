/* Passkeys: <form data-passkey="create|get"> with a button [data-passkey-start], a hidden `credential`,
   a place for words [data-passkey-words], and options in <script type="application/json" id="passkey-options">
   or, where the form has none, from its own address. */
const BINARY = ["challenge", "id", "userHandle", "rawId", "clientDataJSON", "attestationObject", "authenticatorData", "signature"];

const WORDS = {
  NotAllowedError: "The browser was told to stop, or waited too long. Nothing was changed; try again.",
  InvalidStateError: "This device already holds a passkey of this account.",
  SecurityError: "The browser refuses passkeys at this address.",
  NotSupportedError: "This device cannot make such a passkey.",
};

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function withBytes(value, name) {
  if (typeof value === "string" && BINARY.includes(name)) return toBytes(value);
  if (Array.isArray(value)) return value.map((each) => withBytes(each, name));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, name === "rp" ? inner : withBytes(inner, key)]),
  );
}

function answer(credential) {
  const given = credential.response;
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const response = Object.fromEntries(names.filter((name) => given[name]).map((name) => [name, toText(given[name])]));
  if (given.getTransports) response.transports = given.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function optionsOf(form) {
  const here = document.getElementById("passkey-options");
  if (here) return JSON.parse(here.textContent);
  const answered = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answered.ok) throw new Error(answered.status === 429 ? "Too many attempts. Try again in a minute." : "The console did not answer. Try again.");
  return (await answered.json()).request_options;
}

function create(options, form) {
  const choice = options.authenticatorSelection;
  const isAlone = form.elements.passwordless?.checked ?? false;
  choice.residentKey = isAlone ? "required" : "discouraged";
  choice.requireResidentKey = isAlone;
  if (isAlone) choice.userVerification = "required";
  return navigator.credentials.create({ publicKey: options });
}

function say(form, words) {
  const place = form.querySelector("[data-passkey-words]");
  place.hidden = !words;
  place.querySelector("[data-words]").textContent = words;
}

async function start(form) {
  const button = form.querySelector("[data-passkey-start]");
  if (button.getAttribute("aria-busy") === "true" || button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-busy", "true");
  say(form, "");
  try {
    const options = withBytes((await optionsOf(form)).publicKey, "");
    const made = await (form.dataset.passkey === "create" ? create(options, form) : navigator.credentials.get({ publicKey: options }));
    form.elements.credential.value = JSON.stringify(answer(made));
    form.submit();
  } catch (error) {
    button.removeAttribute("aria-busy");
    delete form.dataset.sent;
    say(form, WORDS[error.name] ?? error.message);
    button.focus();
  }
}

function prepare(form) {
  const home = form.dataset.home;
  const isHere = location.origin === home;
  if (isHere && window.PublicKeyCredential) return;
  form.querySelector("[data-passkey-start]").setAttribute("aria-disabled", "true");
  say(form, isHere ? "This browser knows no passkeys." : `Passkeys work at ${home} only. Open the console there.`);
}

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-passkey-start]")?.closest("form[data-passkey]");
  if (form) start(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  start(form);
});
document.querySelectorAll("form[data-passkey]").forEach(prepare);
