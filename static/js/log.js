/* The log viewer: follows the tail until one scrolls up, finds and marks words, links to lines. */
const NEAR = 40;
const KEEP = 5000;

function parts(viewer) {
  return {
    scroll: viewer.querySelector("[data-log-scroll]"),
    lines: viewer.querySelector("[data-log-lines]"),
    button: viewer.querySelector("[data-log-tail]"),
    find: viewer.querySelector("[data-log-find]"),
    count: viewer.querySelector("[data-log-count]"),
  };
}

function follow(viewer, shouldFollow) {
  const { scroll, button } = parts(viewer);
  viewer.toggleAttribute("data-following", shouldFollow);
  if (shouldFollow) scroll.scrollTop = scroll.scrollHeight;
  if (!button) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(shouldFollow));
  button.querySelector("[data-said]").textContent = shouldFollow ? "Following" : "Follow";
}

function unmark(lines) {
  for (const mark of lines.querySelectorAll("mark")) {
    const parent = mark.parentNode;
    mark.replaceWith(mark.textContent);
    parent.normalize();
  }
}

function markIn(element, words) {
  const text = element.textContent;
  const pieces = [];
  let from = 0;
  for (let at = text.toLowerCase().indexOf(words); at >= 0; at = text.toLowerCase().indexOf(words, from)) {
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + words.length);
    pieces.push(text.slice(from, at), mark);
    from = at + words.length;
  }
  if (from > 0) element.replaceChildren(...pieces, text.slice(from));
}

function search(viewer, { jump }) {
  const { lines, find, count } = parts(viewer);
  if (!find) return;
  const words = find.value.toLowerCase();
  unmark(lines);
  if (words.length < 2) return void (count.textContent = "");
  for (const text of lines.querySelectorAll(".log__text")) markIn(text, words);
  const marks = lines.querySelectorAll("mark");
  count.textContent = marks.length === 1 ? "1 match" : `${marks.length} matches`;
  if (jump && marks.length) show(viewer, marks, 0);
}

function show(viewer, marks, position) {
  follow(viewer, false);
  marks.forEach((mark, index) => mark.toggleAttribute("data-current", index === position));
  marks[position].scrollIntoView({ block: "center" });
  parts(viewer).count.textContent = `${position + 1} of ${marks.length}`;
}

function nextMatch(viewer, by) {
  const marks = [...viewer.querySelectorAll("mark")];
  if (!marks.length) return;
  const at = marks.findIndex((mark) => mark.hasAttribute("data-current"));
  show(viewer, marks, (at + by + marks.length) % marks.length);
}

function start(viewer) {
  if (viewer.dataset.started) return;
  viewer.dataset.started = "yes";
  const { scroll, lines, button, find } = parts(viewer);
  const isLinked = location.hash && lines.querySelector(location.hash.replace(/[^#\w-]/g, ""));
  follow(viewer, viewer.hasAttribute("data-tail") && !isLinked);
  scroll.addEventListener("scroll", () => {
    const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    if (isAtEnd !== viewer.hasAttribute("data-following") && viewer.hasAttribute("data-tail")) follow(viewer, isAtEnd);
  });
  button?.addEventListener("click", () => follow(viewer, !viewer.hasAttribute("data-following")));
  find?.addEventListener("input", () => search(viewer, { jump: true }));
  find?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    nextMatch(viewer, event.shiftKey ? -1 : 1);
  });
  new MutationObserver((changes) => {
    if (!changes.some((change) => [...change.addedNodes].some((node) => node.classList?.contains("log__line")))) return;
    viewer.querySelector("[data-log-none]")?.remove();
    if (!viewer.hasAttribute("data-following")) return;
    while (lines.childElementCount > KEEP) lines.firstElementChild.remove();
    scroll.scrollTop = scroll.scrollHeight;
  }).observe(lines, { childList: true });
}

export function startLogs() {
  const startAll = () => document.querySelectorAll("[data-log]").forEach(start);
  document.body.addEventListener("htmx:afterSettle", startAll);
  startAll();
}
