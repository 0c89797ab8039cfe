// On every farmer's and specialist's page: how many entries wait, sending them as soon as there is signal, and the worker
// that keeps pages. Nothing here looks at words on the page: a browser may have translated them.

const { dataset } = document.querySelector("script[data-field]");
const { all, goUp, news } = self.FieldStore;
const bar = document.querySelector("[data-field-bar]");
const AGAIN = 20_000;

async function show() {
  const entries = (await all()).filter(({ person, state }) => person === dataset.person && state !== "done");
  const stuck = entries.filter(({ state }) => state === "refused" || state === "conflict").length;
  const waits = entries.length - stuck;
  const say = (name, count) => {
    const line = bar.querySelector(`[data-bar-${name}]`);
    line.hidden = !count;
    for (const form of line.querySelectorAll("[data-one], [data-many]")) form.hidden = ("one" in form.dataset) !== (count === 1);
    for (const number of line.querySelectorAll("[data-n]")) number.textContent = count;
  };
  if (entries.length && "for" in dataset) bar.querySelector("a").href = dataset.for.replace("/0/", `/${entries[0].farmer}/`);
  say("waits", waits);
  say("stuck", stuck);
  bar.hidden = !entries.length;
}

let timer;
async function tryNow() {
  clearTimeout(timer);
  const result = await goUp();
  await show();
  if (result === "stop") timer = setTimeout(tryNow, AGAIN);
}

news.addEventListener("message", ({ data }) => {
  if (data === "signed-out") bar.querySelector("[data-bar-signed-out]").hidden = false;
  show();
});
addEventListener("field-changed", show);
addEventListener("online", tryNow);
document.addEventListener("visibilitychange", () => { if (!document.hidden) tryNow(); });
addEventListener("field-written", async () => {
  await show();
  const registration = await navigator.serviceWorker?.getRegistration("/");
  await registration?.sync?.register("field").catch(() => {}); // where the browser can, it sends when this page is closed
});

const since = document.body.dataset.kept;
if (since !== undefined) {
  const note = document.querySelector("[data-field-kept]");
  note.hidden = false;
  const when = new Date(since);
  if (!Number.isNaN(+when)) note.querySelector("[data-since]").textContent = when.toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
}

show();
tryNow();

// A browser that won't have a worker: everything else works. Pages are fetched for keeping once in a while only: it costs
// what little signal there is.
const KEPT = "chushan-kept", FRESH = 600_000;
async function keep() {
  const registration = await navigator.serviceWorker.register("/worker.js", { scope: "/" });
  await navigator.serviceWorker.ready;
  const known = JSON.parse(localStorage.getItem(KEPT) ?? "{}"), now = Date.now();
  const pages = [location.href, ...[...document.querySelectorAll("a[data-keep]")].map(({ href }) => href)].filter((page) => now - (known[page] ?? 0) > FRESH);
  if (!pages.length || since !== undefined) return;
  registration.active?.postMessage(pages);
  const recent = Object.entries({ ...known, ...Object.fromEntries(pages.map((page) => [page, now])) }).filter(([, at]) => now - at < FRESH);
  localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(recent)));
}
if ("serviceWorker" in navigator) {
  if (document.readyState === "complete") keep().catch(() => {});
  else addEventListener("load", () => keep().catch(() => {}));
}
