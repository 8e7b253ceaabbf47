/* The drop zone: a folder, a .zip or a .tar.gz, sent with progress; leaving the page asks first. */
import { toast } from "./toasts.js";

const SKIPPED = /(^|\/)(\.git|__pycache__|\.DS_Store|node_modules|\.venv)(\/|$)/;
const dropped = new WeakMap();

async function readEntry(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: path + entry.name }];
  }
  const reader = entry.createReader();
  const found = [];
  // A reader answers at most 100 entries a call, and an empty list at the end.
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return found;
    for (const child of batch) found.push(...await readEntry(child, `${path}${entry.name}/`));
  }
}

async function readDrop(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const lists = await Promise.all(entries.map((entry) => readEntry(entry, "")));
  return lists.flat().filter(({ path }) => !SKIPPED.test(path));
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;
}

function say(zone, files) {
  dropped.set(zone.closest("form"), files);
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const name = files.length === 1 ? files[0].path : `${files.length} files`;
  const words = document.createElement("p");
  words.textContent = files.length ? `${name}, ${size(total)}` : "Nothing usable in there.";
  zone.querySelector("[data-upload-state]").replaceChildren(words);
}

function body(form, files) {
  const data = new FormData(form);
  const archive = form.querySelector("input[type=file]").name;
  if (files.length === 1 && !files[0].path.includes("/")) {
    data.set(archive, files[0].file);
    return data;
  }
  data.delete(archive);
  for (const { file, path } of files) {
    data.append("files", file, file.name);
    data.append("paths", path);
  }
  return data;
}

function send(form, files) {
  const state = form.querySelector("[data-upload-state]");
  const bar = document.createElement("progress");
  bar.className = "progress";
  bar.max = 100;
  bar.setAttribute("aria-label", "Upload");
  state.append(bar);
  const request = new XMLHttpRequest();
  const guard = (event) => event.preventDefault();
  window.addEventListener("beforeunload", guard);
  request.upload.onprogress = ({ loaded, total }) => { bar.value = Math.round((loaded / total) * 100); };
  request.onloadend = () => {
    window.removeEventListener("beforeunload", guard);
    bar.remove();
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    finish(request, state);
  };
  request.open("POST", form.action);
  request.setRequestHeader("X-Upload", "fetch");
  request.setRequestHeader("Accept", "application/json");
  request.send(body(form, files));
}

function finish(request, state) {
  let answer = {};
  try { answer = JSON.parse(request.responseText); } catch { /* an error page of a proxy */ }
  if (request.status < 300 && answer.url) return location.assign(answer.url);
  if (request.status < 300) return location.reload();
  const words = document.createElement("p");
  words.className = "field__error";
  words.setAttribute("role", "alert");
  words.textContent = answer.message
    ?? (request.status ? `The upload was refused (${request.status}).` : "The connection broke. Nothing was deployed; send it again.");
  state.append(words);
  if (request.status >= 500) toast("The upload failed.", "bad");
}

function onSubmit(event) {
  const form = event.target;
  if (!form.matches("form[data-upload]")) return;
  const chosen = [...form.querySelector("input[type=file]").files].map((file) => ({ file, path: file.name }));
  const files = dropped.get(form) ?? chosen;
  event.preventDefault();
  if (files.length) return send(form, files);
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  form.querySelector("input[type=file]").focus();
}

function pickFolder(button) {
  const picker = document.createElement("input");
  picker.type = "file";
  picker.webkitdirectory = true;
  picker.addEventListener("change", () => {
    const files = [...picker.files].map((file) => ({ file, path: file.webkitRelativePath }));
    say(button.closest("[data-dropzone]"), files.filter(({ path }) => !SKIPPED.test(path)));
  });
  picker.click();
}

export function startUploads() {
  document.addEventListener("submit", onSubmit);
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, async (event) => {
      const zone = event.target.closest?.("[data-dropzone]");
      if (!zone) return;
      event.preventDefault();
      zone.toggleAttribute("data-over", name === "dragover");
      if (name === "drop") say(zone, await readDrop(event.dataTransfer));
    });
  }
  document.addEventListener("change", (event) => {
    const zone = event.target.matches("[data-dropzone] input[type=file]") && event.target.closest("[data-dropzone]");
    if (zone) say(zone, [...event.target.files].map((file) => ({ file, path: file.name })));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick-folder]");
    if (button) pickFolder(button);
  });
  const reveal = () => document.querySelectorAll("[data-pick-folder]").forEach((button) => { button.hidden = false; });
  document.body.addEventListener("htmx:afterSettle", reveal);
  reveal();
}
