/* The keyboard: `?` map, `/` search, and j, k, Enter, x on the rows of a table with data-keys. */
import { openDialog } from "./dialogs.js";

const TYPING = "input, textarea, select, [contenteditable]";

function rows() {
  return [...document.querySelectorAll("table[data-keys] tbody tr")];
}

function cursor() {
  return document.querySelector("tr[data-cursor]");
}

function moveTo(row) {
  if (!row) return;
  cursor()?.removeAttribute("data-cursor");
  row.dataset.cursor = "";
  row.querySelector("a[href]")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(cursor());
  moveTo(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function mark() {
  const box = cursor()?.querySelector("input[type=checkbox]");
  if (box) box.click();
}

const ACTIONS = {
  "?": () => openDialog("keys"),
  "/": () => document.querySelector("[data-key-search]")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  x: mark,
  Enter: () => cursor()?.querySelector("a[href]")?.click(),
};

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target !== document.body) return;
    const action = ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  document.addEventListener("change", (event) => {
    const row = event.target.matches("tbody input[type=checkbox]") && event.target.closest("tr");
    if (row) row.setAttribute("aria-selected", String(event.target.checked));
  });
}
