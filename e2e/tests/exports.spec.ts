/** Facts taken out as files: what the officer gets is what the screen counts. */
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import type { Download } from '@playwright/test';
import { check } from '../support/faults.ts';
import { CAMPAIGN, INDICATORS } from '../support/office.ts';
import { LAPTOP, PROVINCE_OFFICER, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const VAN_CANH = '63-551';
const NUMBER = `/tien-do/luot?campaign=${CAMPAIGN}&place=${VAN_CANH}&indicator=${INDICATORS.payment_account}`;
const SHEET = 'Tải các lượt về máy';

async function take(phone: Phone, form: 'Tải Excel' | 'Tải CSV'): Promise<Download> {
  await phone.tap(phone.button('Tải về'));
  const sheet = phone.sheet(SHEET);
  await expect(sheet.getByText(/^Khoảng [\d.]+ lượt/)).toBeVisible();
  const saving = phone.page.waitForEvent('download');
  await phone.tap(phone.button(form, sheet));
  const file = await saving;
  await expect(phone.toast(`Đã tải ${file.suggestedFilename()}`)).toBeVisible();
  await expect(sheet).toBeHidden();
  return file;
}
/** Cells of a file without line breaks in them. */
function cells(csv: string): Record<string, string>[] {
  expect(csv.startsWith('\ufeff')).toBe(true);
  const [head, ...lines] = csv
    .slice(1)
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted ?? plain),
    );
  return lines.map((line) => Object.fromEntries(line.map((cell, at) => [head?.[at], cell ?? ''])));
}
/** One file out of a zip. */
function part(zip: Buffer, name: string): string {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  let at = zip.readUInt32LE(end + 16);
  while (at < end) {
    const [named, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    if (zip.toString('utf8', at + 46, at + 46 + named) === name) {
      const local = zip.readUInt32LE(at + 42);
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      return inflateRawSync(zip.subarray(from, from + zip.readUInt32LE(at + 20))).toString();
    }
    at += 46 + named + extra + comment;
  }
  throw new Error(`no ${name} in it`);
}

test('the facts behind a number come as CSV and as a workbook, as many as it says', async ({
  newPhone,
  office,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  const result = await office.result(INDICATORS.payment_account, VAN_CANH);
  await page.goto(NUMBER);

  const csv = await take(laptop, 'Tải CSV');
  expect(csv.suggestedFilename()).toMatch(/^Lượt hỗ trợ – Huyện Vân Canh – 2024-\d\d-\d\d\.csv$/);
  const lines = cells(await readFile(await csv.path(), 'utf8'));
  expect(new Set(lines.map((line) => line['Mã lượt'])).size).toBe(result);
  expect(lines.reduce((sum, line) => sum + Number(line['Đếm lượt']), 0)).toBe(result);
  expect(new Set(lines.map((line) => line['Huyện, quận']))).toEqual(new Set(['Huyện Vân Canh']));

  const book = await take(laptop, 'Tải Excel');
  expect(book.suggestedFilename()).toMatch(/\.xlsx$/);
  const sheet = part(await readFile(await book.path()), 'xl/worksheets/sheet1.xml');
  expect(sheet.match(/<row /g)).toHaveLength(lines.length + 1);
  for (const { 'Mã lượt': id } of lines) expect(sheet).toContain(id);
});

test('on a phone all of a place comes as a workbook; a refusal and a missing network are said in the sheet', async ({
  phone,
}) => {
  const { page } = phone;
  await phone.signIn(PROVINCE_OFFICER);
  await page.goto(`/tien-do?place=${VAN_CANH}`);
  const book = await take(phone, 'Tải Excel');
  expect((await readFile(await book.path())).subarray(0, 2).toString()).toBe('PK');

  await phone.tap(phone.button('Tải về'));
  const sheet = phone.sheet(SHEET);
  await expect(phone.button('Tải Excel', sheet)).toBeEnabled();
  await check(phone, 'the sheet of downloads');
  const busy = {
    code: 'export.busy',
    status: 503,
    title: 'Đang bận',
    next: 'Đợi một phút.',
    facts: {},
    retryable: true,
  };
  phone.network.answer(
    (_, path) => path.endsWith('/export.xlsx'),
    1,
    () => ({ status: 503, body: JSON.stringify(busy) }),
  );
  await phone.tap(phone.button('Tải Excel', sheet));
  await expect(sheet.getByRole('alert')).toContainText('Đang bận');
  await expect(phone.button('Tải Excel', sheet)).toBeEnabled();
  await phone.tap(phone.button('Đóng', sheet));

  await phone.offline();
  await phone.tap(phone.button('Tải về'));
  await expect(sheet.getByRole('alert')).toContainText('Chưa kết nối được máy chủ');
  await expect(phone.button('Tải Excel', sheet)).toBeDisabled();
  await phone.online();
  await phone.tap(phone.button('Thử lại', sheet));
  await expect(phone.button('Tải Excel', sheet)).toBeEnabled();
});
