// Lessons without signal: pages that were opened stay readable (templates/field/worker.js), and answers that could not
// be sent wait on this phone. Each goes up once: the server keeps a lesson as done once, however often it hears of it.

const KEPT = "chushan-lessons";
const here = document.querySelector("script[data-worker]").dataset;
const kept = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
const keep = (entries) => { localStorage.setItem(KEPT, JSON.stringify(entries)); show(); };

function show() {
  const count = kept().length, note = document.querySelector("[data-waiting]");
  if (!note) return;
  note.hidden = !count;
  note.querySelector("[data-waiting-one]").hidden = count !== 1;
  note.querySelector("[data-waiting-many]").hidden = count < 2;
  note.querySelector("[data-waiting-count]").textContent = count;
}

function refuse(entry) {
  const note = document.querySelector("[data-refused]");
  note.hidden = false;
  const link = note.querySelector("[data-refused-link]");
  link.href = entry.url;
  link.textContent = entry.lesson;
}

const send = (url, fields) => fetch(url, { method: "POST", body: new URLSearchParams(fields) });

// A page that was kept has a token of a session that may be over: a fresh page brings one, or says that nobody is signed in.
async function sendAnew(url, fields) {
  const page = new DOMParser().parseFromString(await (await fetch(url, { cache: "no-store" })).text(), "text/html");
  const token = page.querySelector("form[data-lesson] [name=csrfmiddlewaretoken]")?.value;
  if (!token) return null;
  return send(url, [...fields.filter(([name]) => name !== "csrfmiddlewaretoken"), ["csrfmiddlewaretoken", token]]);
}

// The page that comes back takes this one's place, without a second request.
async function become(response) {
  if (response.redirected) { location.assign(response.url); return; }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
  show();
  document.querySelector("main [role=alert]")?.scrollIntoView({ block: "center" });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-lesson]")) return;
  event.preventDefault();
  const fields = [...new FormData(form)].filter(([name]) => name !== "done_at");
  fields.push(["done_at", new Date().toISOString()]);
  try {
    let response = await send(location.href, fields);
    if (response.status === 403) response = (await sendAnew(location.href, fields)) ?? response;
    await become(response);
  } catch {
    keep([...kept().filter(({ url }) => url !== location.href), { url: location.href, lesson: form.dataset.lesson, fields }]);
    form.querySelector("[data-kept]").hidden = false;
  }
});

let sending = false;
async function sendKept() {
  if (sending) return;
  sending = true;
  try {
    for (const entry of kept()) {
      const response = await sendAnew(entry.url, entry.fields);
      if (!response || response.status >= 500 || [403, 429].includes(response.status)) break;
      if (response.status === 422) refuse(entry);
      keep(kept().filter(({ url }) => url !== entry.url));
    }
  } catch { /* no signal yet: it waits */ }
  sending = false;
}

addEventListener("online", sendKept);
show();
sendKept();
if ("serviceWorker" in navigator) {
  for (const each of await navigator.serviceWorker.getRegistrations()) if (each.scope.endsWith("/training/")) await each.unregister(); // a former one
  const worker = await navigator.serviceWorker.register(here.worker, { scope: "/" });
  await navigator.serviceWorker.ready;
  const pages = [...document.querySelectorAll("a[data-keep]")].map((link) => link.href);
  (worker.active ?? worker.waiting ?? worker.installing)?.postMessage([location.href, ...pages]);
}

// A film isn't kept on the phone, and says so where it can't come.
const film = document.querySelector(".film video");
if (film) {
  const gone = document.querySelector("[data-film-gone]");
  const look = () => { gone.hidden = navigator.onLine && document.body.dataset.kept === undefined; };
  film.addEventListener("error", () => { gone.hidden = false; });
  film.addEventListener("playing", () => { gone.hidden = true; });
  addEventListener("online", look);
  addEventListener("offline", look);
  look();
}
