/* Times that stay fresh and timers that run. The words are those of web/spoken.py. */
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export function sayDuration(seconds) {
  if (seconds <= 0) return "0 s";
  const whole = Math.floor(seconds);
  for (const [index, [size, unit]] of UNITS.slice(0, -1).entries()) {
    if (whole < size) continue;
    const [nextSize, nextUnit] = UNITS[index + 1];
    const rest = Math.floor((whole % size) / nextSize);
    return `${Math.floor(whole / size)} ${unit}${rest ? ` ${rest} ${nextUnit}` : ""}`;
  }
  return `${whole} s`;
}

export function sayRelative(moment, now) {
  const seconds = (now - moment) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 5) return "just now";
  if (distance >= 30 * 86400) {
    const month = moment.toLocaleString("en", { month: "short", timeZone: "UTC" });
    return `${moment.getUTCDate()} ${month} ${moment.getUTCFullYear()}`;
  }
  const [size, unit] = UNITS.find(([length]) => distance >= length);
  const said = `${Math.floor(distance / size)} ${unit}`;
  return seconds > 0 ? `${said} ago` : `in ${said}`;
}

function update(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function addLocal(element) {
  const tip = element.querySelector(".time__tip");
  if (!tip || tip.dataset.local) return;
  tip.dataset.local = "yes";
  const local = new Date(element.dateTime).toLocaleString("sv", { timeZoneName: "short" });
  tip.textContent += `\n${local} here`;
}

export function startTimes() {
  const refresh = () => {
    const now = new Date();
    for (const element of document.querySelectorAll("time[data-relative]")) {
      update(element.querySelector("[data-said]"), sayRelative(new Date(element.dateTime), now));
    }
  };
  const tick = () => {
    const now = Date.now();
    for (const element of document.querySelectorAll("[data-since]")) {
      update(element, sayDuration((now - Date.parse(element.dataset.since)) / 1000));
    }
  };
  for (const name of ["mouseover", "focusin"]) {
    document.addEventListener(name, (event) => {
      const element = event.target.closest?.("time[data-relative]");
      if (element) addLocal(element);
    });
  }
  setInterval(refresh, 10_000);
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.body.addEventListener("htmx:afterSettle", tick);
  tick();
}
