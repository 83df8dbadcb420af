/*
 * What the service worker (`src/sw.js`) does about Web Push. The payload is the server's
 * `{id, title, text, link}`, already in the reader's language.
 */
const HOME = '/thong-bao';
const PLAIN = { title: 'Cầu Số', text: 'Có tin mới. Chạm để xem.', link: HOME };

/** A push that cannot be read is shown all the same: browsers take the right to push from an app that stays silent. */
function told(data) {
  try {
    return { ...PLAIN, ...data.json() };
  } catch {
    return PLAIN;
  }
}
/** Never leads out of the app. */
function inside(link) {
  const url = new URL(link, self.location.origin);
  return url.origin === self.location.origin ? url.pathname + url.search : HOME;
}
const windows = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true });
/** Something is new, or is not new any more. */
const tellWindows = async () => {
  for (const one of await windows()) one.postMessage({ type: 'notice' });
};
const call = (method, path, body) =>
  fetch(`/api/v1${path}`, {
    method,
    credentials: 'same-origin',
    headers: { 'x-causo': '1', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

self.addEventListener('push', (event) => {
  const { id, title, text, link } = told(event.data);
  const show = self.registration.showNotification(title, {
    body: text,
    icon: '/icons/icon-192.png',
    // The same message twice is shown once.
    tag: id,
    data: { id, link: inside(link) },
  });
  event.waitUntil(Promise.all([show, tellWindows()]));
});

self.addEventListener('notificationclick', (event) => {
  const { id, link } = event.notification.data;
  event.notification.close();
  event.waitUntil(Promise.all([open(link), read(id)]));
});

/** With no signal it stays unread. */
async function read(id) {
  if (id === undefined) return;
  await call('POST', `/notifications/${id}/read`).catch(() => null);
  await tellWindows();
}

/** An open window goes there without a reload, so that nothing being written in it is lost. */
async function open(link) {
  const [one] = await windows();
  if (one === undefined) return self.clients.openWindow(link);
  one.postMessage({ type: 'open', link });
  return one.focus().catch(() => null);
}

/** The push service gave the browser another address. The app itself looks again at each start. */
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew().catch(() => null)));
async function renew() {
  const reply = await call('GET', '/notification_choices');
  const { push_key } = reply.ok ? await reply.json() : { push_key: null };
  if (push_key === null) return;
  const taken = await self.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: push_key,
  });
  const { endpoint, keys } = taken.toJSON();
  await call('PUT', '/push', { endpoint, p256dh: keys.p256dh, auth: keys.auth });
}
