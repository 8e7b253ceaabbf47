/* What htmx brings in: failures become words, focus stays where it makes sense. */
import { toast } from "./toasts.js";

const FOCUSABLE = "a[href], button, summary, input, select, textarea";

let focused = null;
let opened = [];

export function startSwaps() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", dropEmpty);
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    const isOurs = xhr.status < 400 || xhr.status === 422 || xhr.getResponseHeader("HX-Retarget");
    if (isOurs) return;
    // A proxy's or another server's error page must not land inside ours.
    event.detail.shouldSwap = false;
    toast(`The console answered ${xhr.status}. Nothing was changed; try again in a moment.`, "bad");
  });
  body.addEventListener("htmx:sendError", (event) => {
    if (event.detail.requestConfig?.verb !== "get") {
      toast("The console cannot be reached. Check the connection and try again.", "bad");
    }
  });
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = event.detail;
    focused = target.contains(document.activeElement) ? nameOf(document.activeElement) : null;
    opened = [...target.querySelectorAll("details[open] > summary")].map(nameOf);
  });
  body.addEventListener("htmx:afterSwap", (event) => {
    /* What somebody opened stays open when its region is drawn anew. */
    for (const summary of regionOf(event).querySelectorAll("details:not([open]) > summary")) {
      if (opened.includes(nameOf(summary))) summary.parentElement.open = true;
    }
  });
  body.addEventListener("htmx:afterSettle", (event) => {
    const wanted = event.target.querySelector?.("[data-focus]");
    if (wanted) return wanted.focus();
    if (!focused || document.activeElement !== document.body) return;
    const again = [...regionOf(event).querySelectorAll(FOCUSABLE)].find((one) => nameOf(one) === focused);
    (again ?? document.getElementById("page")).focus({ preventScroll: true });
  });
  document.querySelector("[data-focus]")?.focus();
}

/* By what an element is known again after its region was drawn anew. */
function nameOf(element) {
  return element.id || element.getAttribute("href") || element.getAttribute("aria-label") || element.textContent.trim();
}

/* The region as it is now: one that is swapped whole is another element than before. */
function regionOf(event) {
  return document.getElementById(event.detail.target?.id) ?? document;
}

/* Empty filters do not belong into the address. */
function dropEmpty(event) {
  const { verb, formData } = event.detail;
  if (verb !== "get") return;
  for (const name of [...formData.keys()]) {
    if (formData.get(name) === "") formData.delete(name);
  }
}
