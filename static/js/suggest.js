// The search field as a combobox: htmx brings the options, this moves among them. Without it the field is a plain search.

for (const input of document.querySelectorAll("[data-suggest]")) {
  const list = document.getElementById(input.dataset.suggest);
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function show(open) {
    list.hidden = !(open && options().length && document.activeElement === input);
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (list.hidden) choose(null);
  }
  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }
  function move(step) {
    const all = options();
    const at = all.indexOf(chosen()) + step;
    choose(at < -1 ? all.at(-1) : all[at] ?? null); // beyond either end: back to what was typed
  }

  list.addEventListener("htmx:afterSettle", () => show(Boolean(input.value.trim())));
  input.addEventListener("input", () => { if (!input.value.trim()) { list.replaceChildren(); show(false); } });
  input.addEventListener("focus", () => show(true));
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys belong to the Chinese keyboard
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options().length) return;
      event.preventDefault();
      if (list.hidden) show(true);
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      location.assign(chosen().dataset.href);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
}
