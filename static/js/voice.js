// Speaking instead of typing, where the browser can: a button beside the fields that hold people's own words. Elsewhere
// there is none.

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const template = document.querySelector("template[data-voice]");
const OWN_WORDS = ["words", "origin", "story", "name", "note"];

if (Recognition && template) {
  for (const name of OWN_WORDS) for (const field of document.querySelectorAll(`main [name="${name}"]:not([type=hidden])`)) offer(field);
}

function offer(field) {
  const button = template.content.firstElementChild.cloneNode(true);
  const idle = button.querySelector("[data-idle]"), listening = button.querySelector("[data-listening]");
  field.after(button);
  let hearing = null;
  const rest = () => { hearing = null; idle.hidden = false; listening.hidden = true; button.setAttribute("aria-pressed", "false"); };
  button.addEventListener("click", () => {
    if (hearing) { hearing.stop(); return; }
    hearing = new Recognition();
    hearing.lang = document.documentElement.lang.startsWith("en") ? "en-GB" : "zh-CN";
    hearing.addEventListener("result", ({ results }) => {
      const said = [...results].map((each) => each[0].transcript).join("");
      const room = field.maxLength > 0 ? field.maxLength : Infinity;
      field.value = `${field.value}${field.value && hearing.lang.startsWith("en") ? " " : ""}${said}`.slice(0, room);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    hearing.addEventListener("end", rest);
    hearing.addEventListener("error", rest);
    idle.hidden = true;
    listening.hidden = false;
    button.setAttribute("aria-pressed", "true");
    hearing.start();
  });
}
