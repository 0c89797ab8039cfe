// What was written down and has not gone up yet: kept on this phone (IndexedDB), each entry under a key of its own, and sent
// in the order in which it was written. Pages and the service worker share this file, so it is no module.

self.FieldStore = (() => {
  const NAME = "chushan-field", WAIT = 120_000;
  const news = new BroadcastChannel(NAME);

  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  async function store(mode, work) {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("entries", { keyPath: "key" });
    const base = await asked(opening);
    try {
      const change = base.transaction("entries", mode, { durability: "strict" });
      const over = new Promise((done, failed) => { change.oncomplete = done; change.onabort = () => failed(change.error); });
      const result = await work(change.objectStore("entries"));
      await over;
      return result;
    } finally {
      base.close();
    }
  }
  const tell = () => news.postMessage("changed");
  const all = async () => (await store("readonly", (entries) => asked(entries.getAll()))).sort((a, b) => a.place - b.place);
  const get = (key) => store("readonly", (entries) => asked(entries.get(key)));
  const remove = async (key) => { await store("readwrite", (entries) => asked(entries.delete(key))); tell(); };
  const put = async (entry) => { await store("readwrite", (entries) => asked(entries.put(entry))); tell(); };

  // One entry takes another's place in one step: the phone never holds both, and never neither.
  const replace = async (key, entry) => {
    await store("readwrite", async (entries) => { await asked(entries.delete(key)); await asked(entries.put(entry)); });
    tell();
  };

  // Written while something waits already, by this person and for this household or any other.
  function fresh(entry) {
    const now = Date.now();
    return { ...entry, key: crypto.randomUUID(), state: "waiting", tries: 0, place: entry.place ?? now, made_at: entry.made_at ?? new Date(now).toISOString() };
  }

  function body(entry, token) {
    const form = new FormData();
    for (const [name, value] of entry.fields) form.append(name, value);
    entry.photos.forEach((photo, number) => form.append("photos", photo, `${number + 1}.${photo.type === "image/webp" ? "webp" : "jpg"}`));
    form.append("key", entry.key);
    form.append("made_at", entry.made_at);
    if (entry.replaces) form.append("replaces", entry.replaces);
    form.append("csrfmiddlewaretoken", token);
    return form;
  }

  const headers = { Accept: "application/json" };
  const post = (address, form) => fetch(address, { method: "POST", body: form, headers, redirect: "manual", signal: AbortSignal.timeout(WAIT) });

  // "stop": no signal, or nobody is signed in; it waits. Anything else is the shop's answer.
  async function send(entry, token) {
    await put({ ...entry, tries: entry.tries + 1 });
    const withdrawn = entry.state === "withdrawing";
    const response = await post(withdrawn ? `${entry.url}withdraw/` : entry.url, body(entry, token));
    if (response.type === "opaqueredirect" || response.status >= 500 || [401, 403, 408, 429].includes(response.status)) return "stop";
    const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : { state: "refused", errors: {} };
    if (answer.state === "withdrawn") await remove(entry.key);
    else await put({ ...entry, ...(answer.state === "done" ? { photos: [] } : {}), state: answer.state, answer, tries: entry.tries + 1 });
    return answer.state;
  }

  // Who is signed in: their entries alone are sent. Null where nobody is; throws without signal.
  async function whose() {
    const response = await fetch("/field/token/", { headers, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(WAIT) });
    if (response.type === "opaqueredirect") return null;
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  // One at a time, whoever asks: two pages, or a page and the worker.
  function goUp() {
    return navigator.locks.request(NAME, async () => {
      const waits = (entry) => entry.state === "waiting" || entry.state === "withdrawing";
      if (!(await all()).some(waits)) return "nothing";
      try {
        const who = await whose();
        if (!who) { news.postMessage("signed-out"); return "signed-out"; }
        for (const entry of (await all()).filter((each) => waits(each) && each.person === who.person)) {
          if (await send(entry, who.token) === "stop") return "stop";
        }
      } catch {
        return "stop"; // no signal: it waits
      }
      return "sent";
    });
  }

  const forget = async () => { await store("readwrite", (entries) => asked(entries.clear())); tell(); };
  return { all, get, put, remove, replace, fresh, goUp, forget, news };
})();
