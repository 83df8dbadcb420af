// Draws the PNG icons from icon.svg with headless Chromium. Run after changing the drawing; the results are checked in.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = new URL('../public/icons/', import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const svg = readFileSync(join(FOLDER, 'icon.svg'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'causo-icons-'));

/** `inset` is the share of the side left free around the drawing; a maskable icon must keep its outer tenth empty. */
function draw(name, side, { inset = 0, square = false } = {}) {
  const art = square ? svg.replace('rx="15"', 'rx="0"') : svg;
  const page = join(work, `${name}.html`);
  const size = side * (1 - 2 * inset);
  writeFileSync(
    page,
    `<style>html,body{margin:0;background:${square ? '#0b5f5a' : 'transparent'}}svg{display:block;width:${size}px;height:${size}px;margin:${side * inset}px}</style>${art}`,
  );
  execFileSync(CHROMIUM, [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${join(work, 'profile')}`,
    '--default-background-color=00000000',
    `--window-size=${side},${side}`,
    `--screenshot=${join(FOLDER, `${name}.png`)}`,
    `file://${page}`,
  ]);
}

draw('icon-192', 192);
draw('icon-512', 512);
draw('maskable-512', 512, { inset: 0.1, square: true });
draw('apple-touch-180', 180, { inset: 0.04, square: true });
