// The app on a phone of the 2 GB class: 4× slower CPU, slow 3G (400 kbit/s, 400 ms), 360 px, in real Chromium against
// the real binary. Times are read from the page's own clock by a probe in the page, so that the tool's own work is
// not counted, and they end when a tap was answered: not when something was painted. Prints medians beside their
// bars; asserts nothing.
import { chromium } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const ROUNDS = 7;
const VOLUNTEER = { login: 'tnv', password: '260324' };
const PROVINCE = { login: 'canbotinh', password: 'binhdinh-2024' };
const PAYMENT = 'TK thanh toán';
const DEVICE = '01928000-0000-7000-8000-0000000000fe';
/** What a person takes, at the least, to type a login and a PIN, and to look at what they have chosen. */
const TYPING_MS = 5_000;
const LOOKING_MS = 1_000;
const CPU_RATE = 4;
const BYTES_PER_S = 400_000 / 8;
const MOBILE_4G = { latency: 60, downloadThroughput: 10 * BYTES_PER_S, uploadThroughput: 10 * BYTES_PER_S };
const SLOW_3G = { latency: 400, downloadThroughput: BYTES_PER_S, uploadThroughput: BYTES_PER_S };

const root = new URL('..', import.meta.url).pathname;
const causo = process.env.CAUSO_BIN ?? join(root, 'target/release/causo');
const url = 'http://127.0.0.1:8097';

// What a person waits for, and what shows that a tap on it was answered.
const SIGN_IN = { tap: 'main button[type=submit]', text: 'Đăng nhập', answer: 'main [aria-invalid=true]' };
const RECORD = { tap: 'main a[href="/ghi"]', text: '', answer: '.shell.focused' };
const TILE = {
  tap: 'main button[aria-pressed]',
  text: 'VNeID mức 2',
  answer: 'main button[aria-pressed=true]',
};
const SAVE = { tap: 'aside button', text: 'Xong', answer: '.toast.good', pauseMs: LOOKING_MS };

/**
 * Runs in the page. Looks at every frame whether the next thing can be tapped: there, enabled, and what a finger in
 * its middle would hit. Taps it, after a pause where a person would make one, and writes down when it was tapped and
 * when the answer was on the page.
 */
function probe(steps) {
  const times = (globalThis.probed = []);
  globalThis.probedAll = false;
  let step = 0;
  let since = performance.now();
  let tapped = false;
  const look = () => {
    const { tap, text, answer, pauseMs = 0 } = steps[step];
    if (!tapped && performance.now() - since >= pauseMs) {
      const target = [...document.querySelectorAll(tap)].find(
        (one) => !one.disabled && one.textContent.includes(text),
      );
      const { x, y, width, height } = target?.getBoundingClientRect() ?? {};
      if (target?.contains(document.elementFromPoint(x + width / 2, y + height / 2))) {
        times.push({ tapped: performance.now() });
        target.click();
        tapped = true;
      }
    }
    if (tapped && document.querySelector(answer) !== null) {
      times[step].answered = performance.now();
      since = performance.now();
      step += 1;
      tapped = false;
    }
    if (step < steps.length) requestAnimationFrame(look);
    else globalThis.probedAll = true;
  };
  requestAnimationFrame(look);
}

async function probed(page) {
  await page.waitForFunction(() => globalThis.probedAll === true, undefined, { polling: 200 });
  return page.evaluate(() => globalThis.probed);
}

/** A page on the phone's CPU and network, with a probe from its very first moment. */
async function open(context, path, steps, offline = false) {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Page.enable');
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: `(${probe})(${JSON.stringify(steps)})` });
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline, ...SLOW_3G });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE });
  await page.goto(`${url}${path}`, { waitUntil: 'commit' });
  return page;
}

/** A desk at the demonstration's centre with a kiosk, open at any hour; the kiosk's address. */
async function kiosk() {
  const point = '0bd20240-0000-7000-8000-00d000000001';
  const head = { 'x-causo': '1', origin: url, 'content-type': 'application/json' };
  const ask = async (method, path, data) => {
    const reply = await fetch(`${url}/api/v1${path}`, { method, headers: head, body: data && JSON.stringify(data) });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    head.cookie ??= reply.headers.get('set-cookie')?.split(';')[0];
    return reply.json();
  };
  await ask('POST', '/session', { login: 'canboxa', password: 'binhdinh-2024', device_id: DEVICE });
  const { points } = await ask('GET', '/points?place=63-21907');
  const hours = {};
  await ask('PUT', `/points/${point}`, { ...points.find(({ id }) => id === point), hours });
  const groups = ['civil_status', 'residence', 'land', 'other'];
  await ask('PUT', `/desk/points/${point}`, {
    counters: [{ code: '1', name: '', groups, quick: false }],
    groups: groups.map((group, at) => ({ group, letter: 'ACDK'[at], expected_min: 10 })),
    priority: ['elderly', 'with_child', 'disability'],
    priority_run: 2,
    quick_min: 6,
    calls: 3,
    languages: ['vi', 'en', 'km'],
    voice: true,
  });
  const device = { id: crypto.randomUUID(), kind: 'kiosk', name: 'bench' };
  return (await ask('POST', `/desk/points/${point}/devices`, device)).url;
}

/** From the last tap at a kiosk, a cheap tablet on a 4G line, to the ticket's page asking for the printer. */
async function ticket(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'vi-VN' });
  await context.addInitScript(() => {
    window.print = () => (globalThis.printedAt = performance.timeOrigin + performance.now());
  });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, ...MOBILE_4G });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE });
  // Each ticket in a browser that has just been at this kiosk: styles and script are there.
  await page.goto(address);
  await page.goto(`${address}?viec=land`);
  const tapped = await page.evaluate(() => {
    const now = performance.timeOrigin + performance.now();
    document.querySelector('button.main').click();
    return now;
  });
  await page.waitForFunction(() => globalThis.printedAt !== undefined, undefined, { polling: 50 });
  const printed = await page.evaluate(() => globalThis.printedAt);
  await context.close();
  return printed - tapped;
}

const newPhone = (browser) =>
  browser.newContext({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
  });

async function fillSignIn(page, { login, password } = VOLUNTEER) {
  await page.getByLabel('Tên đăng nhập').fill(login);
  await page.getByLabel('Mã PIN hoặc mật khẩu').fill(password);
}

/** A phone out of the box: the sign-in form, then from the tap on it to the first tile. */
async function firstVisit(browser) {
  const context = await newPhone(browser);
  const page = await open(context, '/', [SIGN_IN]);
  const [form] = await probed(page);
  await fillSignIn(page);
  await page.evaluate(probe, [{ ...SIGN_IN, answer: RECORD.tap, pauseMs: TYPING_MS }, RECORD, TILE]);
  const [signIn, , tile] = await probed(page);
  await context.close();
  return { form: form.answered, record: tile.answered - signIn.tapped };
}

/** A phone whose browser has lost everything but the session cookie, opened at the record screen. */
async function firstRecord(browser) {
  const context = await newPhone(browser);
  const reply = await context.request.post(`${url}/api/v1/session`, {
    headers: { 'x-causo': '1', origin: url },
    data: { ...VOLUNTEER, device_id: DEVICE },
  });
  if (!reply.ok()) throw new Error(`sign-in: ${reply.status()} ${await reply.text()}`);
  const page = await open(context, '/ghi', [TILE]);
  const [tile] = await probed(page);
  await context.close();
  return tile.answered;
}

/** A phone in use: signed in, with the registers, and the whole app kept by the service worker. */
async function usedPhone(browser) {
  const context = await newPhone(browser);
  const page = await context.newPage();
  await page.goto(`${url}/ghi`);
  await fillSignIn(page);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await page.getByRole('button', { name: TILE.text, exact: true }).waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.close();
  return context;
}

/** Opens the record screen, chooses a service and saves: everything from what the phone holds. */
async function laterVisit(context, offline) {
  await context.setOffline(offline);
  const page = await open(context, '/ghi', [TILE, SAVE], offline);
  const [tile, save] = await probed(page);
  const stored = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open('causo');
        opening.onsuccess = () => {
          const count = opening.result.transaction('facts').objectStore('facts').count();
          count.onsuccess = () => resolve(count.result);
        };
      }),
  );
  await page.close();
  return { record: tile.answered, save: save.answered - save.tapped, stored };
}

/** A province's progress screen, open, that writes down when it last showed another result. */
async function progressScreen(browser) {
  const page = await browser.newPage({ locale: 'vi-VN' });
  await page.goto(url);
  await fillSignIn(page, PROVINCE);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await page.getByText('Đang cập nhật trực tiếp').waitFor();
  const card = page.getByRole('article', { name: 'Tài khoản thanh toán' }).getByRole('link');
  await card.evaluate((result) => {
    const note = () => (globalThis.changedAt = performance.timeOrigin + performance.now());
    new MutationObserver(note).observe(result.parentElement, { subtree: true, childList: true, characterData: true });
  });
  return page;
}

/** From the moment the server's answer to an assist is on the phone until the open screen shows one more. */
async function live(context, screen) {
  const page = await context.newPage();
  await page.goto(`${url}/ghi`);
  await screen.evaluate(() => delete globalThis.changedAt);
  await page.getByRole('button', { name: PAYMENT, exact: true }).click();
  const sent = page.waitForResponse((reply) => reply.url().endsWith('/api/v1/facts'));
  await page.getByRole('button', { name: 'Xong' }).click();
  await (await sent).finished();
  const answered = await page.evaluate(() => {
    const sending = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/api/v1/facts'));
    return performance.timeOrigin + sending.at(-1).responseEnd;
  });
  await screen.waitForFunction(() => globalThis.changedAt !== undefined, undefined, { polling: 20 });
  const changed = await screen.evaluate(() => globalThis.changedAt);
  await page.close();
  return changed - answered;
}

async function times(work) {
  const all = [];
  for (let n = 0; n < ROUNDS; n += 1) all.push(await work());
  return all;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const row = (name, value, bar) =>
  console.log(`  ${name.padEnd(62)} ${String(value).padStart(6)}   bar ${bar}`);
const msRow = (name, list, bar) => row(`${name}, ms`, Math.round(median(list)), bar);

/** JavaScript the page names before its first screen, gzipped. */
function scriptBytes() {
  const html = readFileSync(join(root, 'web/dist/index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
  return [...new Set(named)].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(root, 'web/dist', file))).length,
    0,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'causo-bench-'));
const database = join(folder, 'demo.db');
execFileSync(causo, ['--database', database, 'demo', '--scale', '0.01'], { stdio: 'ignore' });
const server = spawn(causo, ['--database', database, 'serve', '--listen', url.slice('http://'.length)], {
  stdio: 'ignore',
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  while (
    !(await fetch(`${url}/healthz`).then(
      (reply) => reply.ok,
      () => false,
    ))
  );
  console.log(`\nThe app on a phone (4x CPU, 400 kbit/s, 400 ms, 360 px; medians of ${ROUNDS})`);
  row('JavaScript before the first screen, gzip kB', (scriptBytes() / 1000).toFixed(1), '<= 120');
  const visits = await times(() => firstVisit(browser));
  msRow(
    'first visit, sign-in form usable',
    visits.map((one) => one.form),
    '<= 3000',
  );
  msRow(
    '  from the tap on "sign in" to the first tile',
    visits.map((one) => one.record),
    '-',
  );
  msRow(
    'first visit with a session cookie, record screen usable',
    await times(() => firstRecord(browser)),
    '<= 3000',
  );
  const phone = await usedPhone(browser);
  const slow = await times(() => laterVisit(phone, false));
  msRow(
    'later visit, slow network, record screen usable',
    slow.map((one) => one.record),
    '<= 1000',
  );
  const offline = await times(() => laterVisit(phone, true));
  msRow(
    'later visit, no network, record screen usable',
    offline.map((one) => one.record),
    '<= 1000',
  );
  msRow(
    'saving an assist, no network, stored and said',
    offline.map((one) => one.save),
    '<= 100',
  );
  row(
    '  of that many assists, found in the database',
    `${offline.at(-1).stored}/${slow.length + offline.length}`,
    'all',
  );
  await phone.setOffline(false);
  const screen = await progressScreen(browser);
  msRow(
    'from the answer to an assist to an open progress screen',
    await times(() => live(phone, screen)),
    '<= 2000',
  );
  const address = await kiosk();
  msRow(
    'kiosk (4x CPU, 4 Mbit/s, 60 ms): last tap to the printer asked',
    await times(() => ticket(browser, address)),
    '<= 1000',
  );
  row('load of the machine meanwhile', loadavg()[0].toFixed(1), '-');
} finally {
  await browser.close();
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
