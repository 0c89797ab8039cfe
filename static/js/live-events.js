// What happens in the room as it happens: prices, boxes left, comments, who bought. Without it the page asks every few seconds.

const KEPT = 50; // comments on the page
const SHOWN_MS = 8000; // how long "just bought" stands there
const LOOK_ANEW_MS = 30_000; // though nothing seems to be missing
let source = null;
const looked = { table: Date.now(), comments: Date.now() };

const soon = (most) => Math.random() * most; // so that a thousand pages don't ask in the same moment

function fromHtml(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // made by the shop's own templates, as all of the page
  return template.content.firstElementChild;
}

function lookAnew() {
  for (const id of ["table", "comments"]) {
    const part = document.getElementById(id);
    if (part?.hasAttribute("hx-get")) htmx.ajax("GET", part.getAttribute("hx-get"), { target: part, swap: "outerHTML" });
  }
}

const ON = {
  table(html) {
    const [old, made] = [document.getElementById("table"), fromHtml(html)];
    if (!old || !made) return;
    const had = document.activeElement?.getAttribute("formaction"); // whoever is about to tap goes on where they were
    old.replaceWith(made);
    htmx.process(made);
    if (had) made.querySelector(`[formaction="${had}"]`)?.focus();
  },
  comment(html) {
    const [list, made] = [document.getElementById("comment-list"), fromHtml(html)];
    if (!list || !made) return;
    document.getElementById(made.id)?.remove();
    document.getElementById("no-comments")?.remove();
    list.prepend(made);
    htmx.process(made);
    while (list.children.length > KEPT) list.lastElementChild.remove();
  },
  gone(id) { document.getElementById(`comment-${id}`)?.remove(); },
  pinned(html) { document.getElementById("pinned")?.replaceChildren(...(html ? [fromHtml(html)] : [])); },
  bought(html) {
    const [list, made] = [document.getElementById("just-bought"), fromHtml(html)];
    if (!list || !made || document.getElementById(made.id)) return;
    list.prepend(made);
    while (list.children.length > 3) list.lastElementChild.remove();
    setTimeout(() => made.remove(), SHOWN_MS);
  },
  refresh() { setTimeout(lookAnew, soon(2000)); },
  over() { if (!document.getElementById("studio")) setTimeout(() => location.reload(), 500 + soon(2500)); },
};

function listen() {
  const room = document.getElementById("events");
  if (source || !room?.dataset.address) return;
  source = new EventSource(room.dataset.address);
  for (const [kind, act] of Object.entries(ON)) {
    source.addEventListener(kind, (event) => { room.dataset.heard = kind; act(JSON.parse(event.data)); });
  }
  source.addEventListener("open", () => { room.dataset.state = "open"; });
  source.addEventListener("error", () => {
    room.dataset.state = "away";
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    source = null;
    setTimeout(listen, 5000 + soon(5000));
  });
}

// While events come, the page need not ask; only now and then, in case something got lost.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const id = event.detail.elt.id;
  if (!(id in looked) || source?.readyState !== EventSource.OPEN) return;
  if (Date.now() - looked[id] < LOOK_ANEW_MS) event.preventDefault();
  else looked[id] = Date.now();
});

if ("EventSource" in window) {
  listen();
  document.body.addEventListener("htmx:afterSettle", listen); // in a studio that has just gone live
}
