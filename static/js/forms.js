/* Forms: no double submit, a pressed state at once, and deletion only after typing the name. */
function setBusy(button, isBusy) {
  if (!button) return;
  if (isBusy) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

function watchConfirmation(form) {
  const isRight = form.elements.confirmation?.value.trim() === form.dataset.confirm;
  const button = form.querySelector("[type=submit]");
  if (isRight) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}

function refuseSecond(event) {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  const button = event.submitter ?? form.querySelector("[type=submit]");
  if (form.dataset.sent || button?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (event.defaultPrevented) return;
  form.dataset.sent = "yes";
  setBusy(button, true);
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) setBusy(button, false);
}

export function startForms() {
  document.addEventListener("submit", refuseSecond, true);
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-confirm]");
    if (form) watchConfirmation(form);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled='true']")) event.preventDefault();
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => setBusy(pressed(event), true));
  document.body.addEventListener("htmx:afterRequest", (event) => {
    setBusy(pressed(event), false);
    const form = event.detail.elt.closest?.("form");
    if (form) release(form);
  });
  // A page that comes back from the browser's memory must be usable again.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  const prepare = () => document.querySelectorAll("form[data-confirm]").forEach(watchConfirmation);
  document.body.addEventListener("htmx:afterSettle", prepare);
  prepare();
}

function pressed(event) {
  const element = event.detail.elt;
  return element.matches?.("button.button") ? element : null;
}
