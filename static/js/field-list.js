// What waits on this phone, one by one: its state, what was wrong, both versions where the thing has changed meanwhile, and
// the ways out. Rows are made from the page's own template; nothing here reads the words on them.

const { dataset } = document.querySelector("script[data-field]");
const { all, get, put, remove, replace, fresh, goUp, news } = self.FieldStore;
const list = document.querySelector("[data-entries]");
const template = document.querySelector("template[data-entry-row]");
let turn = 0;

function pairs(holder, rows) {
  holder.replaceChildren(...rows.flatMap(([label, value]) => {
    const name = Object.assign(document.createElement("dt"), { textContent: label });
    const what = Object.assign(document.createElement("dd"), { textContent: value });
    what.translate = false;
    return [name, what];
  }));
}

function row(entry) {
  const item = template.content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(`[data-part="${name}"]`);
  item.dataset.key = entry.key;
  item.dataset.state = entry.state;
  for (const name of item.querySelectorAll("[data-kind]")) name.hidden = name.dataset.kind !== entry.kind;
  for (const tag of item.querySelectorAll("[data-if]")) tag.hidden = !tag.dataset.if.split(" ").includes(entry.state);
  part("when").textContent = new Date(entry.made_at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  pairs(part("yours"), entry.shown);
  part("shots").replaceChildren(...entry.photos.map((photo) => Object.assign(new Image(64, 64), { src: URL.createObjectURL(photo), alt: "", className: "thumb" })));
  part("errors").replaceChildren(...Object.values(entry.answer?.errors ?? {}).flat().map((line) => Object.assign(document.createElement("p"), { className: "alert error", textContent: line })));
  if (entry.state === "refused" && !Object.keys(entry.answer?.errors ?? {}).length) part("unknown").hidden = false;
  if (entry.state === "conflict") {
    pairs(part("now"), entry.answer.now);
    part("insist").hidden = !entry.answer.can_insist;
  }
  part("correct").href = `${entry.url}#${entry.key}`;
  if (entry.state === "done") part("see").href = entry.answer.url;
  return item;
}

async function show() {
  const mine = ++turn;
  const entries = (await all()).filter(({ person }) => person === dataset.person);
  if (mine !== turn) return; // it has changed again: whoever reads later knows more
  const open = new Set([...list.querySelectorAll("details[open]")].map((each) => each.closest("[data-key]").dataset.key));
  list.replaceChildren(...entries.map(row));
  for (const key of open) { const again = list.querySelector(`[data-key="${key}"] details`); if (again) again.open = true; }
  document.querySelector("[data-nothing]").hidden = entries.length > 0;
  document.querySelector("[data-try]").hidden = !entries.some(({ state }) => state === "waiting");
}

// Mine all the same: it is about the thing as it is now, and its writer has seen how that is.
function insist(entry) {
  const fields = entry.fields.map(([name, value]) => [name, name === "thing" ? `${value.split("@")[0]}@${entry.answer.version}` : value]);
  return replace(entry.key, fresh({ ...entry, fields, answer: undefined, replaces: entry.key }));
}

list.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  const entry = await get(button.closest("[data-key]").dataset.key);
  if (!entry) return;
  if (button.dataset.do === "insist") { await insist(entry); await goUp(); }
  // What may have arrived is taken back at the shop, too: it would be there, and its writer would think that it is not.
  else if (entry.state === "waiting" && entry.tries) { await put({ ...entry, state: "withdrawing" }); await goUp(); }
  else await remove(entry.key);
  await show();
});

document.querySelector("[data-try]").addEventListener("click", async () => { await goUp(); await show(); });
news.addEventListener("message", show);
addEventListener("field-changed", show);
await show();
// What has gone up was seen now; it stands under "arrived" from the next time on.
addEventListener("pagehide", async () => { for (const entry of await all()) if (entry.state === "done") remove(entry.key); });
