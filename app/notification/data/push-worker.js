// Shows what the push service brings, and opens the inbox when it is clicked. It fetches and keeps nothing.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    told = {};
  }
  const options = { body: told.body ?? '', tag: told.tag ?? 'xq-tasks', renotify: true, lang: 'zh-CN', icon: '/static/icon.svg', data: { url: told.url ?? '/inbox' } };
  event.waitUntil(self.registration.showNotification(told.title ?? '行权', options));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const target = new URL(event.notification.data?.url ?? '/inbox', self.location.origin);
  if (target.origin !== self.location.origin) return;
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((open) => {
      const there = open.find((client) => new URL(client.url).pathname === target.pathname);
      return there ? there.focus() : self.clients.openWindow(target.href);
    }),
  );
});
