/* Menus are <details>: closed by Esc, a click outside or focus that leaves; arrows move inside. */
const OPEN = "details[data-menu][open]";

function items(menu) {
  return [...menu.querySelectorAll(".menu__list :is(a[href], button:not([disabled]), input)")];
}

function move(menu, event) {
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const step = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (step === undefined || all.length === 0) return;
  if (document.activeElement.matches("input") && ["Home", "End"].includes(event.key)) return;
  event.preventDefault();
  all[(step + all.length) % all.length].focus();
}

export function startMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(OPEN)) {
      const isChoice = event.target.closest(".menu__item:not([aria-disabled])");
      if (!menu.contains(event.target) || isChoice) menu.open = false;
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of document.querySelectorAll(OPEN)) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu]");
    if (!menu) return;
    if (event.key === "Escape" && menu.open) {
      event.stopPropagation();
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.key === "ArrowDown" && !menu.open) {
      event.preventDefault();
      menu.open = true;
      items(menu)[0]?.focus();
    } else if (menu.open) {
      move(menu, event);
    }
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(OPEN)) event.target.querySelector("[data-autofocus]")?.focus();
  }, true);
}
