{% load static %}// Keeps the pages of farmers, specialists and lessons that were opened, so that they can be read without signal, and sends
// what waits. It stands in no buyer's way: nothing that shows a price or a stock to buyers is ever kept.
importScripts("{% static 'js/field-store.js' %}");

const FILES = "chushan-files", PAGES = "chushan-pages", LESSONS = "chushan-lessons";
const SHELL = [{% for file in shell %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const OWN = ["/sell/", "/field/", "/specialist/"];
const NEVER = ["/field/token/", "/field/photos/", "/sell/sheets/export", "/sell/sheets/template"];
const OLD = ["chushan-training-1"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(FILES).then((files) => files.addAll(SHELL)));
});

// Files have names that change with what is in them. Those of former versions stay while kept pages may need them.
addEventListener("activate", (event) => event.waitUntil((async () => {
  await clients.claim();
  for (const name of OLD) await caches.delete(name);
  const files = await caches.open(FILES), names = await files.keys();
  for (const request of names.slice(0, Math.max(0, names.length - 200))) await files.delete(request);
})()));

// A page asks for itself to be kept, and for what its links marked data-keep lead to; those are fetched while there is signal.
addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(PAGES));
  if (Array.isArray(event.data)) event.waitUntil(keepAll(event.data));
});

async function keepAll(pages) {
  const seen = new Set(pages);
  for (const page of seen) { // grows on the way
    const response = await fetch(page).catch(() => null);
    if (!response?.ok || response.redirected || !shelf(new URL(page, location.origin).pathname)) continue;
    for (const [, link] of (await keep(page, response)).matchAll(/href="([^"]+)"[^>]* data-keep/g)) if (seen.size < 20) seen.add(new URL(link, location.origin).href);
  }
}

addEventListener("sync", (event) => {
  if (event.tag === "field") event.waitUntil(self.FieldStore.goUp());
});

const shelf = (path) => path.startsWith("/training/") ? LESSONS : OWN.some((own) => path.startsWith(own)) ? PAGES : null;

async function keep(address, response) {
  const path = new URL(address, location.origin).pathname;
  await (await caches.open(shelf(path) ?? PAGES)).put(address, response.clone());
  const text = await response.text(), files = await caches.open(FILES);
  const parts = [...text.matchAll(/(?:src|href)="(\/static\/[^"]+\.(?:css|js|svg|webp|png))"/g)].map(([, src]) => src);
  for (const part of new Set(parts)) if (!await files.match(part)) await files.add(part).catch(() => null);
  return text;
}

// The network first: what is kept is for where there is none. Where it says who is reading no more, what was theirs goes.
addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/static/")) {
    event.respondWith(fileOf(request, pathname));
    return;
  }
  if (request.mode !== "navigate" || !shelf(pathname) || NEVER.some((never) => pathname.startsWith(never))) return;
  event.respondWith(fetch(request).then((response) => {
    if (response.type === "opaqueredirect" && ["/sell/", "/field/", "/specialist/"].includes(pathname)) event.waitUntil(caches.delete(PAGES));
    if (response.ok) event.waitUntil(keep(request.url, response.clone()));
    // Not theirs any more: a posting or a consent has ended. What was kept of it goes, too.
    if (response.status === 404) event.waitUntil(drop(request.url, pathname));
    return response;
  }, (error) => kept(request.url, pathname, error)));
});

async function drop(address, pathname) {
  if (pathname === "/specialist/") return caches.delete(PAGES);
  const pages = await caches.open(shelf(pathname));
  return pages.delete(address, { ignoreSearch: true, ignoreVary: true });
}

// A name with its content's number in it never changes what it means; any other is asked for anew where there is signal.
async function fileOf(request, pathname) {
  const file = () => caches.match(request, { ignoreVary: true });
  if (/\.[0-9a-f]{12}\.[a-z0-9]+$/.test(pathname)) return await file() ?? fetch(request);
  return fetch(request).catch(async (error) => { const found = await file(); if (found) return found; throw error; });
}

async function kept(address, pathname, error) {
  const found = await caches.match(address, { ignoreVary: true }) ?? await caches.match(pathname, { ignoreVary: true, ignoreSearch: true });
  if (found) return said(found);
  const instead = pathname.startsWith("/training/") ? null : await caches.match("/field/", { ignoreVary: true });
  if (!instead) throw error;
  return Response.redirect("/field/");
}

// A kept page says that it is one, and since when.
async function said(found) {
  const headers = new Headers(found.headers), since = headers.get("Date") ?? "";
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response((await found.text()).replace("<body", `<body data-kept="${since}"`), { headers });
}
