/* What htmx brings in: failures become words, focus stays where it makes sense. */
import { toast } from "./toasts.js";

let focused = null;

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
    const inside = event.detail.target.contains(document.activeElement);
    focused = inside ? document.activeElement.id || document.activeElement.getAttribute("href") : null;
  });
  body.addEventListener("htmx:afterSettle", (event) => {
    const wanted = event.target.querySelector?.("[data-focus]");
    if (wanted) return wanted.focus();
    if (!focused || document.activeElement !== document.body) return;
    const again = document.getElementById(focused) ?? document.querySelector(`a[href="${CSS.escape(focused)}"]`);
    (again ?? document.getElementById("page")).focus({ preventScroll: true });
  });
  document.querySelector("[data-focus]")?.focus();
}

/* Empty filters do not belong into the address. */
function dropEmpty(event) {
  const { verb, formData } = event.detail;
  if (verb !== "get") return;
  for (const name of [...formData.keys()]) {
    if (formData.get(name) === "") formData.delete(name);
  }
}
