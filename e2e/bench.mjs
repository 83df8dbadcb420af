// The app on a phone of the 2 GB class: 4× slower CPU, slow 3G (400 kbit/s, 400 ms), in real Chromium against the
// real binary. Prints figures beside their bars; asserts nothing.
import { chromium } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = new URL('..', import.meta.url).pathname;
const causo = join(root, 'target/release/causo');
const address = '127.0.0.1:8097';
const folder = mkdtempSync(join(tmpdir(), 'causo-bench-'));
const database = join(folder, 'demo.db');

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const p95 = (list) => [...list].sort((a, b) => a - b)[Math.ceil(list.length * 0.95) - 1];
const row = (name, value, bar) => console.log(`  ${name.padEnd(58)} ${String(value).padStart(10)}   bar ${bar}`);

/** JavaScript the page names before its first screen, gzipped. */
function scriptBytes() {
  const html = readFileSync(join(root, 'web/dist/index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
  return [...new Set(named)].reduce((sum, file) => sum + gzipSync(readFileSync(join(root, 'web/dist', file))).length, 0);
}

async function throttle(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const speed = (400 * 1000) / 8;
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 400,
    downloadThroughput: speed,
    uploadThroughput: speed,
  });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  return cdp;
}

async function timed(work) {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}

execFileSync(causo, ['--database', database, 'demo', '--scale', '0.01'], { stdio: 'ignore' });
const server = spawn(causo, ['--database', database, 'serve', '--listen', address], { stdio: 'ignore' });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  while (!(await fetch(`http://${address}/healthz`).then((reply) => reply.ok, () => false)));
  console.log('\nThe app on a phone (4x CPU, 400 kbit/s, 400 ms)');
  row('JavaScript before the first screen, gzip kB', (scriptBytes() / 1000).toFixed(1), '<= 120');

  const cold = [];
  for (let n = 0; n < 3; n += 1) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'vi-VN' });
    const page = await context.newPage();
    await throttle(page);
    cold.push(await timed(async () => {
      await page.goto(`http://${address}/`);
      await page.getByRole('button', { name: 'Đăng nhập' }).waitFor();
    }));
    await context.close();
  }
  row('first visit ever, sign-in form usable, ms (median of 3)', median(cold), '<= 3000');

  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'vi-VN' });
  const page = await context.newPage();
  await page.goto(`http://${address}/`);
  await page.locator('input').nth(0).fill('tnv');
  await page.locator('input').nth(1).fill('260324');
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  const tile = page.getByRole('button', { name: /VNeID mức 2/ });
  await page.goto(`http://${address}/ghi`);
  await tile.first().waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  const cdp = await throttle(page);
  const warm = [];
  for (let n = 0; n < 5; n += 1) {
    warm.push(await timed(async () => {
      await page.goto(`http://${address}/ghi`);
      await tile.first().waitFor();
    }));
  }
  row('record screen afterwards, ms (median of 5)', median(warm), '<= 1000');

  const first = [];
  for (let n = 0; n < 3; n += 1) {
    await page.evaluate(async () => {
      for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
      for (const key of await caches.keys()) await caches.delete(key);
    });
    await cdp.send('Network.clearBrowserCache');
    first.push(await timed(async () => {
      await page.goto(`http://${address}/ghi`);
      await tile.first().waitFor();
    }));
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }
  row('record screen with nothing cached, ms (median of 3)', median(first), '<= 3000');

  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await context.setOffline(true);
  const saves = [];
  for (let n = 0; n < 20; n += 1) {
    await page.getByRole('button', { name: /VNeID mức 2/ }).first().click();
    const done = page.getByRole('button', { name: 'Xong', exact: true });
    await done.waitFor();
    // From the tap to the row in the phone's ledger, measured inside the page.
    saves.push(await page.evaluate(async () => {
      const button = [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === 'Xong');
      const shelf = document.querySelector('[role=status]');
      const start = performance.now();
      const said = new Promise((resolve) => new MutationObserver(resolve).observe(shelf, { childList: true, subtree: true, characterData: true }));
      button.click();
      await said;
      return performance.now() - start;
    }));
  }
  row('save offline, tap to notice, ms (median of 20)', Math.round(median(saves)), '<= 100');
  row('save offline, tap to notice, ms (p95 of 20)', Math.round(p95(saves)), '<= 100');
} finally {
  await browser.close();
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
