// Small things every page may use. Nothing here is needed to buy or sell: without it, the browser's own ways work.

// Pages that are kept for everybody know nobody's wishes: large text is put on here.
if (/(^|; )text=large(;|$)/.test(document.cookie)) document.documentElement.classList.add("large");

// Forms marked data-once can be sent once: the second tap of an impatient thumb does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Selects and inputs marked data-autosubmit send their form when changed; without JavaScript the form's button does.
// Keys pass over other choices on the way to the one that is wanted: who uses them gets that button, too.
let byKeys = false;
addEventListener("keydown", () => { byKeys = true; }, true);
addEventListener("pointerdown", () => { byKeys = false; }, true);
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-autosubmit]")) return;
  const button = byKeys && event.target.form.querySelector("button[data-for-keys]");
  if (button) button.hidden = false;
  else event.target.form.requestSubmit();
});

// Steppers: − and + around a number.
document.addEventListener("click", (event) => {
  const button = event.target.closest(".stepper button[data-step]");
  if (!button) return;
  const input = button.parentElement.querySelector("input");
  const next = Number(input.value || 0) + Number(button.dataset.step);
  input.value = Math.min(Number(input.max || Infinity), Math.max(Number(input.min || 0), next));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

// Countdowns: <time data-countdown datetime="2026-11-24T12:00:00Z">; the server's text stands until this runs.
// data-left is the seconds left by the server's clock, for devices whose own is wrong. The page is
// fetched anew when one runs out before our eyes, not when it had by the clock of this device: that would never end.
function tick() {
  for (const element of document.querySelectorAll("time[data-countdown]")) {
    element.dataset.ends ??= element.dataset.left ? Date.now() + element.dataset.left * 1000 : +new Date(element.dateTime);
    const left = Math.max(0, Math.round((element.dataset.ends - Date.now()) / 1000));
    element.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) element.dataset.running = "1";
    else if (element.dataset.running) { delete element.dataset.running; location.reload(); }
  }
}
if (document.querySelector("time[data-countdown]")) { tick(); setInterval(tick, 1000); }

// Copy buttons: <button data-copy="text">; hidden until this runs. With data-share the phone's own way of sharing, where it has one.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const shares = "share" in button.dataset && navigator.share;
  if (!shares && (!navigator.clipboard || "onlyShare" in button.dataset)) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (shares) { await navigator.share({ text: button.dataset.copy }).catch(() => {}); return; } // they thought better of it
    await navigator.clipboard.writeText(button.dataset.copy);
    if (button.dataset.done) button.textContent = button.dataset.done;
  });
}
