// Finds produce while typing, by Chinese, pinyin, initials or English. Without this, the search button asks the server.

// 橙子 and chengzi find 脐橙 (qicheng), 橘 finds 桔: as in marketplace/queries/selling.py.
const typed = (text) => text.toLowerCase().replace(/\s+/g, "").replaceAll("橘", "桔").replace(/(?<=.)(子|zi)$/, "");

for (const picker of document.querySelectorAll("[data-produce-picker]")) {
  const search = picker.querySelector("[data-produce-search]");
  const none = picker.querySelector("[data-produce-none]");
  if (search.value) continue; // the server has filtered already: its button goes on doing so
  picker.querySelector("[data-produce-find]").hidden = true;
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  search.addEventListener("input", () => {
    const wanted = typed(search.value);
    let found = 0;
    for (const group of picker.querySelectorAll("[data-group]")) {
      let here = 0;
      for (const kind of group.querySelectorAll("[data-words]")) {
        kind.hidden = Boolean(wanted) && !kind.dataset.words.replace(/\s+/g, "").includes(wanted);
        if (!kind.hidden) here += 1;
      }
      group.hidden = here === 0;
      group.open = Boolean(wanted) && here > 0;
      found += here;
    }
    none.hidden = found > 0;
  });
}
