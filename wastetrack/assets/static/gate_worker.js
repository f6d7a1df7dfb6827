// Keeps the gate's page, its scripts and the reader of codes for when there is no network. A new version of the program
// brings a new list of files; they are fetched whole before the old ones go. Nothing of anybody is kept here.

const kept = /* KEPT */ null;
const PREFIX = "wastetrack-gate-";
const CACHE = PREFIX + kept.digest;

const fresh = (address) => new Request(address, { cache: "reload", credentials: "omit" });

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([...kept.files, ...kept.pages, ...kept.manifests].map(fresh));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

/** The page as it is on the server, kept for later; from what is kept where the server does not answer well in time. */
async function page(request) {
  const cache = await caches.open(CACHE);
  const address = new URL(request.url).pathname;
  const known = kept.pages.includes(address) ? address : kept.pages[0];
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(3000) });
    if (response.ok && !response.redirected) return response;
    if (response.status < 500) return response;
  } catch {
    // no network
  }
  return (await cache.match(known)) ?? Response.error();
}

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname.startsWith("/gate/live")) event.respondWith(page(request));
  else if (kept.files.includes(address.pathname) || kept.manifests.includes(address.pathname)) {
    event.respondWith(file(request));
  }
});
