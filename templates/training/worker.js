{% load static %}// Keeps the pages of training that somebody has opened, and the course's others, so that they can be read without signal.
const STORE = "chushan-training-1";
const FRAME = ["{% static 'css/chushan.css' %}", "{% static 'css/training.css' %}", "{% static 'js/training.js' %}", "{% static 'js/chushan.js' %}"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(FRAME)));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// The page says which others belong to it: they are fetched while there is signal.
addEventListener("message", (event) => {
  if (!Array.isArray(event.data)) return;
  event.waitUntil(caches.open(STORE).then(async (store) => {
    for (const page of event.data) {
      const response = await fetch(page).catch(() => null);
      if (response?.ok && !response.redirected) await keep(store, page, response);
    }
  }));
});

async function keep(store, address, response) {
  await store.put(address, response.clone());
  const drawings = [...(await response.text()).matchAll(/<img class="drawing" src="([^"]+)"/g)].map(([, src]) => src);
  await store.addAll(drawings).catch(() => null);
}

// The network first, as people answer questions here; what was kept, where there is none.
addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).then(async (response) => {
    if (response.ok && new URL(event.request.url).origin === location.origin && event.request.mode === "navigate") {
      await (await caches.open(STORE)).put(event.request.url, response.clone());
    }
    return response;
  }).catch(async (error) => {
    const found = await caches.match(event.request, { ignoreVary: true });
    if (found) return found;
    throw error;
  }));
});
