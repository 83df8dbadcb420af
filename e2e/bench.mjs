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
const row = (name, value, bar) => console.log(`  ${name.padEnd(58)} ${String(value).padStart(10)}   bar ${bar}`);

/** JavaScript the page names before its first screen, gzipped. */
function scriptBytes() {
  const html = readFileSync(join(root, 'web/dist/index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
  return [...new Set(named)].reduce((sum, file) => sum + gzipSync(readFileSync(join(root, 'web/dist', file))).length, 0);
}

/** Slows the page down to the phone's CPU and network. */
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
} finally {
  await browser.close();
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
