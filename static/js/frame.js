/* Theme and sidebar: applied at once, remembered in cookies so that the server renders them. */
const YEAR = 365 * 24 * 3600;

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  remember("theme", theme);
}

function toggleSidebar(button) {
  const isNarrow = document.getElementById("app").classList.toggle("app--narrow");
  button.setAttribute("aria-pressed", String(isNarrow));
  remember("sidebar", isNarrow ? "narrow" : "wide");
}

/* On a phone the row of tabs is wider than the screen: the current one must not lie outside. */
function showCurrentTabs() {
  for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}

export function startFrame() {
  showCurrentTabs();
  document.addEventListener("htmx:afterSettle", showCurrentTabs);
  window.addEventListener("resize", showCurrentTabs);
  document.addEventListener("submit", (event) => {
    const theme = event.submitter?.value;
    if (!event.target.matches("[data-theme-form]") || !theme) return;
    event.preventDefault();
    setTheme(theme);
    event.target.closest("details")?.removeAttribute("open");
  });
  document.addEventListener("click", (event) => {
    const narrow = event.target.closest("[data-narrow]");
    if (narrow) toggleSidebar(narrow);
  });
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of document.querySelectorAll("[data-mod-key]")) key.textContent = "⌘K";
  }
}
