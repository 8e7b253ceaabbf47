/* Native dialogs: `data-dialog="id"` opens, a click on the backdrop closes, focus returns by itself. */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return false;
  dialog.showModal();
  return true;
}

function openMarked() {
  for (const dialog of document.querySelectorAll("dialog[data-open]:not([open])")) dialog.showModal();
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && openDialog(opener.dataset.dialog)) event.preventDefault();
    if (event.target instanceof HTMLDialogElement) closeFromBackdrop(event);
  });
  document.body.addEventListener("htmx:afterSettle", openMarked);
  openMarked();
}

function closeFromBackdrop(event) {
  const box = event.target.getBoundingClientRect();
  const isInside = event.clientX >= box.left && event.clientX <= box.right
    && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!isInside && event.detail > 0) event.target.close();
}
