// Keys on the moderators' pages. They move the focus to what can be tapped as well; nothing is decided by a key alone.
// Off while one types, with Ctrl, Alt or Meta, and for good when somebody turns them off (their screen reader has its own).

const desk = document.querySelector("[data-desk]");
const help = document.querySelector("dialog[data-keys]");
const OFF = "desk-keys-off";
const off = () => localStorage.getItem(OFF) === "1";

if (desk && help) {
  const rows = () => [...desk.querySelectorAll("[data-row]")];
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(document.activeElement);
    all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]?.focus();
  };
  const focus = (key) => desk.querySelector(`[data-key="${key}"]`)?.focus();
  const keys = { j: () => step(1), k: () => step(-1), a: () => focus("a"), c: () => focus("c"), r: () => focus("r"), q: () => focus("q"), "?": () => help.showModal() };

  const toggle = help.querySelector("input[type=checkbox]");
  toggle.checked = !off();
  toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "0" : "1"));
  for (const button of document.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }
  document.addEventListener("keydown", (event) => {
    if (off() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || help.open) return;
    if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
