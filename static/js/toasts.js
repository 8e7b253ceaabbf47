/* Toasts: for the result of a synchronous action only. Good news goes by itself, bad news stays. */
const STAY = 5000;

export function toast(text, tone = "ok") {
  const box = document.createElement("div");
  box.className = `toast tone-${tone}`;
  box.dataset.toast = tone;
  const words = document.createElement("div");
  words.className = "toast__text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button--quiet button--s";
  close.dataset.closeToast = "";
  close.textContent = "Close";
  box.append(words, close);
  document.getElementById("toasts").append(box);
}

function scheduleRemoval(box) {
  if (box.dataset.toast !== "ok" || box.dataset.timed) return;
  box.dataset.timed = "yes";
  setTimeout(function leave() {
    if (box.matches(":hover, :focus-within")) setTimeout(leave, 1000);
    else box.remove();
  }, STAY);
}

export function startToasts() {
  const region = document.getElementById("toasts");
  const watch = () => region.querySelectorAll("[data-toast]").forEach(scheduleRemoval);
  new MutationObserver(watch).observe(region, { childList: true });
  watch();
  document.addEventListener("click", (event) => {
    event.target.closest("[data-close-toast]")?.closest("[data-toast]").remove();
  });
}
