// Keeps the shell of the scene's page, and nothing else: no page of a case, no answer of the server, nothing of an account.
// SHELL, the addresses of the shell's files, stands above: the server writes it.

const PREFIX = 'xq-scene-shell-';
const NAME = PREFIX + SHELL.join('|').split('').reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);

async function keep() {
  const cache = await caches.open(NAME);
  for (const path of SHELL) {
    const answer = await fetch(path, { credentials: 'same-origin', cache: 'no-cache' });
    if (!answer.ok || answer.redirected) throw new Error(`not kept: ${path}`);
    await cache.put(path, answer);
  }
}

self.addEventListener('install', (event) => event.waitUntil(keep().then(() => self.skipWaiting())));

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
  await self.clients.claim();
})()));

async function page(request) {
  try {
    return await fetch(request);
  } catch (away) {
    const kept = await caches.match(SHELL[0]);
    if (kept) return kept;
    throw away;
  }
}

async function file(request, path) {
  return (await caches.match(path)) || fetch(request);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (url.pathname === SHELL[0]) event.respondWith(page(request));
  } else if (url.pathname !== SHELL[0] && SHELL.includes(url.pathname)) {
    event.respondWith(file(request, url.pathname));
  }
});
