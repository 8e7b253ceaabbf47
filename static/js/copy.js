/* Copy buttons: `data-copy="text"`, or `data-copy-from="#id"` for the text of another element. */
async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function startCopy() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    const from = button.dataset.copyFrom;
    await write(from ? document.querySelector(from).textContent : button.dataset.copy);
    const label = button.getAttribute("aria-label");
    button.dataset.copied = "yes";
    if (label) button.setAttribute("aria-label", "Copied");
    button.focus();
    setTimeout(() => {
      delete button.dataset.copied;
      if (label) button.setAttribute("aria-label", label);
    }, 1500);
  });
}
