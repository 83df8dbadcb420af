/*
 * The service worker: keeps the whole app on the phone, answers from there, and shows what is pushed. Workbox does it,
 * but for one thing: it would fetch the files one after the other, a trip each, which takes minutes on a slow line.
 */
import { clientsClaim } from 'workbox-core';
import { cleanupOutdatedCaches, PrecacheController, PrecacheRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

/** Files fetched at a time: as many as browsers ask of a host over HTTP/1.1. */
const AT_ONCE = 6;
/** Pages for anybody are the server's own. */
const SERVERS_OWN = [
  /^\/(api|ical)\//,
  /^\/(healthz|readyz|metrics)$/,
  /^\/(xac-nhan|lay-so|bang|phieu|xep-hang|hen|danh-gia|hoi|hoi-dap|tinh-nguyen-vien|bao-lua-dao|chuan-bi)(\/|$)/,
];

importScripts('/push.js');
const kept = new PrecacheController();
kept.addToCacheList(self.__WB_MANIFEST);

async function keepAll(event) {
  const left = [...kept.getURLsToCacheKeys()];
  const lane = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const [url, cacheKey] = one;
      // What has its version in its name never changes, so that the browser's copy will do.
      const cache = cacheKey === url ? 'default' : 'reload';
      const request = new Request(url, { cache, credentials: 'same-origin' });
      await Promise.all(kept.strategy.handleAll({ params: { cacheKey }, request, event }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
self.addEventListener('install', (event) => event.waitUntil(keepAll(event)));
self.addEventListener('activate', (event) => kept.activate(event));
// The new version takes over when the person says so.
self.addEventListener('message', ({ data }) => {
  if (data?.type === 'SKIP_WAITING') self.skipWaiting();
});
clientsClaim();
cleanupOutdatedCaches();
registerRoute(new PrecacheRoute(kept));
registerRoute(new NavigationRoute(kept.createHandlerBoundToURL('/index.html'), { denylist: SERVERS_OWN }));
