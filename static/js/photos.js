// Photos in a form: shrunk on the phone to save data, sent at once, shown at once. Without this, the form's own file
// input sends them as they are.

import { shrunk } from "./shrink.js";

const SIZE = { longest: 2000, quality: 0.85, small: 600_000 };

for (const form of document.querySelectorAll("form[data-photos]")) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-shots]");
  if (input && list && window.createImageBitmap) input.addEventListener("change", () => take(form, input, list));
}

async function take(form, input, list) {
  const files = [...input.files];
  const errors = form.querySelector("[data-photo-errors]");
  errors.replaceChildren();
  const buttons = form.querySelectorAll("button:not([type=button])");
  for (const button of buttons) button.disabled = true;
  const unsent = new DataTransfer();
  for (const file of files) {
    if (input.dataset.most && list.children.length >= Number(input.dataset.most)) {
      complain(errors, form.querySelector("[data-words-most]")?.textContent);
      break;
    }
    const item = show(form, list, file);
    try {
      const answer = await send(form, await shrunk(file, SIZE));
      if (answer.key) keep(item, answer.key);
      else { item.remove(); complain(errors, answer.error); }
    } catch {
      item.remove();
      unsent.items.add(file);
      complain(errors, form.querySelector("[data-words-offline]")?.textContent);
    }
  }
  input.files = unsent.files; // what could not be sent goes along with the form
  for (const button of buttons) button.disabled = false;
}

function show(form, list, file) {
  const item = form.querySelector("template[data-shot]").content.firstElementChild.cloneNode(true);
  const image = item.querySelector("img");
  image.src = URL.createObjectURL(file);
  list.append(item);
  return item;
}

function keep(item, key) {
  item.querySelector(".shot").classList.remove("sending");
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "photo", value: key });
  item.append(hidden);
  for (const control of item.querySelectorAll("label input")) {
    control.value = key;
    control.closest("label").hidden = false;
  }
  const covers = item.parentElement.querySelectorAll("input[name=cover]");
  if (![...covers].some((cover) => cover.checked)) covers[0].checked = true;
}

function complain(errors, words) {
  if (!words) return;
  const line = document.createElement("p");
  line.className = "error";
  line.setAttribute("role", "alert");
  line.textContent = words;
  errors.append(line);
}

async function send(form, blob) {
  const body = new FormData();
  body.append("photo", blob, "photo.jpg");
  const response = await fetch(form.dataset.photos, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
  });
  if (response.status !== 201 && response.status !== 422) throw new Error(response.status);
  return response.json();
}
