/* The page's event stream: says "Reconnecting" when it is down, polls meanwhile, refreshes on return. */
import { PatientSource } from "./source.js";

const QUIET_FOR = 2000;
const POLL_EVERY = 5000;

let isDown = false;
let banner = 0;

function refreshLive() {
  for (const region of document.querySelectorAll("[data-live]")) htmx.trigger(region, "refresh");
}

function lost() {
  if (isDown) return;
  isDown = true;
  // A blink of the network is not worth a word.
  banner = setTimeout(() => { document.getElementById("reconnecting").hidden = false; }, QUIET_FOR);
}

function found() {
  clearTimeout(banner);
  document.getElementById("reconnecting").hidden = true;
  if (isDown) refreshLive();
  isDown = false;
}

export function startStream() {
  const body = document.body;
  htmx.createEventSource = (url) => new PatientSource(url);
  body.addEventListener("htmx:sseOpen", found);
  body.addEventListener("htmx:sseError", lost);
  setInterval(() => { if (isDown && !document.hidden) refreshLive(); }, POLL_EVERY);
  let slept = Date.now();
  setInterval(() => {
    // Timers stand still while the machine sleeps; the stream may not notice that for long.
    if (Date.now() - slept > 15_000) refreshLive();
    slept = Date.now();
  }, 5000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshLive(); });
}
