// Writes .br and .gz beside every text file of dist/, so that the server never compresses while phones wait.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ROOT = new URL('../dist/', import.meta.url).pathname;
const TEXT = /\.(?:js|css|html|json|svg|webmanifest|txt)$/;
const SIZE_BYTES_MIN = 256;

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

const totals = { files: 0, plain: 0, br: 0, gz: 0 };
for (const path of files(ROOT)) {
  if (!TEXT.test(path)) continue;
  const plain = readFileSync(path);
  if (plain.length < SIZE_BYTES_MIN) continue;
  const br = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gz = gzipSync(plain, { level: 9 });
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gz);
  totals.files += 1;
  totals.plain += plain.length;
  totals.br += br.length;
  totals.gz += gz.length;
}
process.stdout.write(
  `precompressed ${totals.files} files: ${totals.plain} B plain, ${totals.gz} B gzip, ${totals.br} B brotli\n`,
);
