// What was written down and has not gone up yet: kept on this phone (IndexedDB), each entry under a key of its own, and sent
// in the order in which it was written. Pages and the service worker share this file, so it is no module.

self.FieldStore = (() => {
  const NAME = "chushan-field", PHOTOS = "/field/photos/", WAIT = 120_000;
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
  // A channel tells the others, never who speaks on it: this page hears of its own doing by an event.
  const tell = () => { news.postMessage("changed"); self.dispatchEvent(new Event("field-changed")); };
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

  const nameOf = (photo, number) => `${number + 1}.${photo.type === "image/webp" ? "webp" : "jpg"}`;

  // `sums`: of its photos, which are there already; undefined: they go along.
  function body(entry, token, sums) {
    const form = new FormData();
    for (const [name, value] of entry.fields) form.append(name, value);
    if (sums) for (const sum of sums) form.append("held", sum);
    else entry.photos.forEach((photo, number) => form.append("photos", photo, nameOf(photo, number)));
    form.append("key", entry.key);
    form.append("made_at", entry.made_at);
    if (entry.replaces) form.append("replaces", entry.replaces);
    form.append("csrfmiddlewaretoken", token);
    return form;
  }

  const headers = { Accept: "application/json" };
  const post = (address, form) => fetch(address, { method: "POST", body: form, headers, redirect: "manual", signal: AbortSignal.timeout(WAIT) });

  const cannotNow = ({ type, status }) => type === "opaqueredirect" || status >= 500 || [401, 403, 408, 429].includes(status);
  const answerOf = async (response) => response.headers.get("Content-Type")?.includes("json") ? response.json() : { state: "refused", errors: {} };

  // Photos go up before what they belong to, each by itself: what has arrived is not sent again when the line drops. Gives
  // their sums, "stop", or the shop's refusal.
  async function photosUp({ photos }, token) {
    const sums = [];
    for (const photo of photos) {
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await photo.arrayBuffer()));
      sums.push([...sum].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    }
    const asking = await fetch(`${PHOTOS}?${new URLSearchParams(sums.map((sum) => ["sum", sum]))}`, { headers, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(WAIT) });
    if (cannotNow(asking) || !asking.ok) return "stop";
    const { here } = await asking.json();
    for (const [number, photo] of photos.entries()) {
      if (here.includes(sums[number])) continue;
      const form = new FormData();
      form.append("photo", photo, nameOf(photo, number));
      form.append("csrfmiddlewaretoken", token);
      const response = await post(PHOTOS, form);
      if (cannotNow(response)) return "stop";
      const answer = await answerOf(response);
      if (answer.state !== "held") return answer;
      here.push(sums[number]);
    }
    return sums;
  }

  // "stop": no signal, or nobody is signed in; it waits. Anything else is the shop's answer.
  async function send(entry, token) {
    await put({ ...entry, tries: entry.tries + 1 });
    const withdrawn = entry.state === "withdrawing";
    let sums;
    if (withdrawn) sums = [];
    else if (entry.photos.length && self.crypto.subtle) {
      sums = await photosUp(entry, token);
      if (sums === "stop") return "stop";
      if (!Array.isArray(sums)) { await put({ ...entry, state: "refused", answer: sums, tries: entry.tries + 1 }); return "refused"; }
    }
    const response = await post(withdrawn ? `${entry.url}withdraw/` : entry.url, body(entry, token, sums));
    if (cannotNow(response)) return "stop";
    const answer = await answerOf(response);
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
