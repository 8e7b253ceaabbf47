/* The command palette: Ctrl-K or ⌘K, results from the server, the last choices first. */
const RECENT = "palette-recent";
const KEPT = 5;

const palette = () => document.getElementById("palette");
const input = () => palette().querySelector("input");
const results = () => document.getElementById("palette-results");
const options = () => [...results().querySelectorAll("[role=option]")];

function open() {
  if (palette().open) return;
  palette().showModal();
  input().select();
  showRecent();
  htmx.trigger(input(), "open");
}

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return input().removeAttribute("aria-activedescendant");
  option.id ||= `palette-option-${options().indexOf(option)}`;
  input().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  select(all[(at + by + all.length) % all.length]);
}

function recent() {
  try { return JSON.parse(localStorage.getItem(RECENT)) ?? []; } catch { return []; }
}

function remember(option) {
  if (option.dataset.method || option.hasAttribute("hx-post")) return;
  const chosen = { href: option.getAttribute("href"), text: option.querySelector(".truncate").textContent };
  const others = recent().filter((item) => item.href !== chosen.href);
  localStorage.setItem(RECENT, JSON.stringify([chosen, ...others].slice(0, KEPT)));
}

function showRecent() {
  const items = recent();
  if (input().value || items.length === 0) return;
  const heading = document.createElement("p");
  heading.className = "palette__group";
  heading.textContent = "Recent";
  results().replaceChildren(heading, ...items.map(asOption));
  select(options()[0]);
}

function asOption({ href, text }) {
  const link = document.createElement("a");
  link.className = "palette__item";
  link.setAttribute("role", "option");
  link.setAttribute("aria-selected", "false");
  link.tabIndex = -1;
  link.href = new URL(href, location.origin).pathname + new URL(href, location.origin).search;
  const words = document.createElement("span");
  words.className = "truncate";
  words.textContent = text;
  link.append(words);
  return link;
}

function onKey(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    results().querySelector("[aria-selected=true]")?.click();
  } else if (event.key === "Escape") {
    event.preventDefault();
    palette().close();
  }
}

export function startPalette() {
  if (!palette()) return;
  input().addEventListener("keydown", onKey);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.shiftKey) {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-palette-open]");
    if (opener && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      open();
    }
    const option = event.target.closest("#palette [role=option]");
    if (option) {
      remember(option);
      input().value = "";
      palette().close();
    }
  });
  results().addEventListener("htmx:afterSwap", () => {
    if (!input().value) prependRecent();
    select(options()[0]);
  });
}

function prependRecent() {
  const suggested = [...results().childNodes];
  results().replaceChildren();
  showRecent();
  results().append(...suggested);
}
