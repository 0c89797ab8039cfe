// An entry's form: what is filled in is kept on this phone first, then sent. Without this the browser sends it itself.

import { shrunk } from "./shrink.js";

const { dataset } = document.querySelector("script[data-field]");
const { get, put, remove, replace, fresh, goUp } = self.FieldStore;
const form = document.querySelector("form[data-entry]");
const SIZE = { longest: 1280, quality: 0.8, small: 250_000 };
const HOPE = 8_000; // as long as somebody waits for an answer before they are told that it is kept
let photos = [], former = null;

const labelOf = (field) => (field.type === "radio" ? field.closest("fieldset")?.querySelector("legend") : field.labels?.[0])?.textContent.trim() ?? "";
const shownOf = (field) => field.tagName === "SELECT" ? field.selectedOptions[0]?.textContent.trim() : field.type === "radio" ? field.labels[0].textContent.trim() : field.value;

// What was filled in, as its writer reads it: (label, value).
function shown() {
  const fields = [...form.elements].filter((field) => field.name && field.value && !["hidden", "file", "submit"].includes(field.type) && (field.type !== "radio" || field.checked) && field.getClientRects().length + (field.type === "radio"));
  return fields.map((field) => [labelOf(field), shownOf(field)]);
}

function written() {
  const own = ["csrfmiddlewaretoken", "key", "replaces", "made_at", "photos"];
  const fields = [...new FormData(form)].filter(([name, value]) => !own.includes(name) && typeof value === "string");
  const kept = former?.state === "waiting" && !former.tries ? { made_at: former.made_at } : {};
  return fresh({ ...kept, url: form.dataset.entry, kind: form.dataset.kind, farmer: form.dataset.farmer, person: dataset.person, fields, photos, shown: shown(), replaces: former?.key });
}

function complain(errors) {
  for (const old of form.querySelectorAll("[data-said]")) old.remove();
  for (const field of form.elements) field.removeAttribute?.("aria-invalid");
  for (const [name, lines] of Object.entries(errors)) {
    const field = form.querySelector(`[name="${CSS.escape(name || "none")}"]:not([type=hidden])`);
    for (const line of lines) {
      const note = Object.assign(document.createElement("p"), { className: field ? "error" : "alert error", textContent: line });
      note.dataset.said = "";
      note.setAttribute("role", "alert");
      if (field) { field.closest(".field").append(note); field.setAttribute("aria-invalid", "true"); } else form.querySelector("[data-whole]").append(note);
    }
  }
  form.querySelector("[data-said]")?.scrollIntoView({ block: "center" });
}

function showPhotos() {
  const list = form.querySelector("[data-shots]");
  list.replaceChildren(...photos.map((photo, number) => {
    const item = form.querySelector("template[data-shot]").content.firstElementChild.cloneNode(true);
    item.querySelector("img").src = URL.createObjectURL(photo);
    item.querySelector("button").addEventListener("click", () => { photos.splice(number, 1); showPhotos(); });
    return item;
  }));
}

const input = form.querySelector("input[type=file]");
input.addEventListener("change", async () => {
  const most = Number(input.dataset.shrink);
  for (const file of [...input.files].slice(0, most - photos.length)) photos.push(await shrunk(file, SIZE));
  input.value = "";
  showPhotos();
});

// What is plainly missing is said at once: the shop can't be asked. Fields that are out of sight belong to another answer.
function missing() {
  const lacking = [...form.elements].filter((field) => field.willValidate && field.getClientRects().length && !field.checkValidity());
  return Object.fromEntries(lacking.map((field) => [field.name, [field.validationMessage]]));
}

let busy = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  const lacking = missing();
  complain(lacking);
  if (Object.keys(lacking).length) return;
  busy = true;
  const entry = written();
  try {
    if (former) await replace(former.key, entry); else await put(entry);
  } catch {
    form.querySelector("[data-full]").hidden = false; // no room on the phone: the form stays as it is
    busy = false;
    return;
  }
  dispatchEvent(new Event("field-written"));
  await Promise.race([goUp(), new Promise((done) => setTimeout(done, HOPE))]);
  const now = await get(entry.key);
  busy = false;
  if (now?.state === "done") { await remove(now.key); location.assign(now.answer.url); return; }
  if (now?.state === "conflict") { location.assign(form.dataset.home); return; }
  if (now?.state === "refused") { former = now; complain(now.answer.errors); return; }
  form.hidden = true;
  const panel = document.querySelector("[data-kept-panel]");
  panel.hidden = false;
  panel.focus();
});

// Correcting one that came back: #key in the address.
async function fill() {
  const entry = location.hash ? await get(location.hash.slice(1)).catch(() => null) : null;
  if (!entry || entry.person !== dataset.person || entry.url !== form.dataset.entry) return;
  former = entry;
  photos = [...entry.photos];
  for (const [name, value] of entry.fields) {
    const fields = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
    for (const field of fields) {
      if (field.type === "radio") field.checked = field.value === value;
      else if (field.tagName === "SELECT") choose(field, value);
      else field.value = value;
    }
  }
  showPhotos();
  form.dispatchEvent(new Event("input"));
  if (entry.answer?.errors) complain(entry.answer.errors);
}

// The same thing, though it has changed since: its present version is what the person sees now.
function choose(select, value) {
  const same = [...select.options].find((option) => option.value === value || (value.includes("@") && option.value.split("@")[0] === value.split("@")[0]));
  if (same) select.value = same.value;
}

// The weight said back in jin and kg, so that neither is taken for the other.
const echo = form.querySelector("[data-weight-echo]");
if (echo) {
  const short = (value) => String(Number(value.toFixed(3)));
  const say = () => {
    const plain = form.elements.weight.value.normalize("NFKC").trim();
    const grams = /^\d+(\.\d+)?$/.test(plain) ? Number(plain) * (form.elements.unit.value === "jin" ? 500 : 1000) : 0;
    echo.firstElementChild.textContent = grams ? echo.dataset.words.replace("{jin}", short(grams / 500)).replace("{kg}", short(grams / 1000)) : "";
  };
  form.addEventListener("input", say);
  form.addEventListener("change", say);
  say();
}
fill();
