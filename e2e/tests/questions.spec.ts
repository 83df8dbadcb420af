/** Dân hỏi – Phường đáp: asked without a script, answered by two, found again by a volunteer without a network. */
import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, PROVINCE_OFFICER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const ASK = 'Xe máy sang tên cho con thì làm ở phường được không? Gọi tôi 0905 123 456';
const ANSWER = 'Nộp hồ sơ tại Công an phường, mang giấy đăng ký xe và giấy tờ tặng cho có chứng thực.';
const WORDS = 'Sang tên xe máy thì làm ở đâu?';

test('a resident asks without a script, two officers answer, a volunteer finds it with no network', async ({
  newPhone,
}) => {
  // Four people, nine pages looked at.
  const resident = await newPhone({ javaScriptEnabled: false });
  await resident.page.goto('/hoi');
  await resident.page.getByLabel(/^Tên xã, phường/).fill('binh dinh');
  await resident.button('Tìm').tap();
  await resident.page.getByRole('link', { name: /^Phường Bình Định/ }).tap();
  await resident.page.getByLabel('Câu hỏi', { exact: true }).fill(ASK);
  await resident.button('Gửi câu hỏi').tap();
  await expect(resident.page.getByRole('heading', { level: 1 })).toHaveText('Đã nhận câu hỏi');
  await expect(resident.page.getByText('Gọi tôi •••')).toBeVisible();
  await expect(resident.page.getByText('Hẹn trả lời chậm nhất')).toBeVisible();
  const page = new URL(resident.page.url()).pathname;

  const writer = await newPhone(LAPTOP);
  await writer.signIn(COMMUNE_OFFICER);
  await writer.page.goto('/dan-hoi');
  await check(writer, 'the inbox');
  await writer.page.getByRole('link').filter({ hasText: 'Xe máy sang tên' }).click();
  await writer.button('Viết trả lời').click();
  const writing = writer.sheet('Viết trả lời');
  await writing.getByLabel('Bắt đầu từ mẫu').selectOption({ label: 'Chuyển đúng cơ quan' });
  await expect(writing.getByLabel('Câu trả lời')).toHaveValue(/thẩm quyền của cơ quan khác/);
  await check(writer, 'writing');
  await writing.getByLabel('Câu trả lời').fill(ANSWER);
  await writer.button('Gửi duyệt', writing).click();
  await expect(writer.page.getByText('Chờ duyệt')).toBeVisible();
  await check(writer, 'a question');
  const question = new URL(writer.page.url()).pathname;

  const reader = await newPhone(LAPTOP);
  await reader.signIn(PROVINCE_OFFICER);
  await reader.page.goto(question);
  await reader.button('Duyệt và gửi').click();
  await expect(reader.page.getByText('Đã trả lời').first()).toBeVisible();
  await resident.page.goto(page);
  await expect(resident.page.getByRole('heading', { level: 1 })).toHaveText('Đã có câu trả lời');
  await expect(resident.page.getByText(ANSWER)).toBeVisible();

  await reader.button('Đưa vào Hỏi đáp').click();
  const publishing = reader.sheet('Đưa vào Hỏi đáp');
  await publishing.getByLabel(/^Câu hỏi để mọi người đọc/).fill(WORDS);
  await reader.button('Đưa vào Hỏi đáp', publishing).click();
  await expect(reader.page.getByText('Đã đưa vào Hỏi đáp')).toBeVisible();

  // Whoever asks it next is shown the answer first.
  await resident.page.goto('/hoi?noi=63-21907');
  await resident.page.getByLabel('Câu hỏi', { exact: true }).fill('cho hỏi sang tên xe máy làm ở đâu');
  await resident.button('Gửi câu hỏi').tap();
  await expect(resident.page.getByRole('heading', { name: WORDS })).toBeVisible();
  await resident.button('Đúng, tôi đã có câu trả lời').first().tap();
  await expect(resident.page.getByText('Mừng là bà con đã có câu trả lời')).toBeVisible();

  const volunteer = await newPhone();
  await volunteer.signIn(VOLUNTEER);
  await volunteer.page.goto('/dan-hoi/tra-loi-san');
  await expect.poll(async () => JSON.stringify(await volunteer.rows('faq'))).toContain(WORDS);
  await volunteer.offline();
  await volunteer.page.reload();
  await volunteer.page.getByRole('searchbox').fill('sang ten xe');
  const found = volunteer.page.getByRole('group').filter({ hasText: WORDS });
  await found.getByText(WORDS).tap();
  await expect(found.getByText(ANSWER)).toBeVisible();
  await check(volunteer, 'ready answers');
  await volunteer.button('Đã trả lời bằng mục này', found).tap();
  await expect(volunteer.toast(/^Đã ghi\. Cảm ơn/)).toBeVisible();
  expect(await volunteer.rows('faq_uses')).toHaveLength(1);
  await volunteer.online();
  await expect.poll(async () => (await volunteer.rows('faq_uses')).length).toBe(0);

  await writer.page.goto('/dan-hoi/so-lieu');
  await expect(writer.page.getByRole('heading', { name: 'Câu hỏi không phải hỏi lại' })).toBeVisible();
  await check(writer, 'figures');
});

test('the pages for residents read well on a phone in both themes', async ({ newPhone }) => {
  const resident = await newPhone();
  for (const path of [
    '/hoi',
    '/hoi?tim=nhon',
    '/hoi?noi=63-21553',
    '/hoi-dap',
    '/hoi-dap?q=tam+tru',
    '/hoi/xem?ma=0',
  ]) {
    await resident.page.goto(path);
    await check(resident, path);
  }
});

test('a volunteer at a door without a network writes a question down, and the phone forgets it once it is sent', async ({
  newPhone,
}) => {
  const volunteer = await newPhone();
  await volunteer.signIn(VOLUNTEER);
  await volunteer.page.goto('/dan-hoi/ghi');
  await check(volunteer, 'writing one down');
  await volunteer.offline();
  await volunteer.page.reload();
  await volunteer.page
    .getByLabel('Câu hỏi', { exact: true })
    .fill('Giấy hẹn mất rồi thì nhận kết quả thế nào?');
  await volunteer.page.getByLabel(/^Số điện thoại/).fill('0905 123 456');
  await expect(volunteer.button('Gửi câu hỏi')).toBeDisabled();
  await volunteer.page.getByRole('checkbox', { name: /^Bà con đồng ý/ }).check();
  await volunteer.button('Gửi câu hỏi').tap();
  await expect(volunteer.page.getByRole('heading', { name: 'Đưa mã này cho bà con' })).toBeVisible();
  await expect(volunteer.page.getByText(/^Câu hỏi đang ở trong máy/)).toBeVisible();
  await check(volunteer, 'its code');
  const rows = async () => JSON.stringify(await volunteer.rows('facts'));
  expect(await rows()).toContain('0905 123 456');
  const code = ((await volunteer.page.locator('p.code').textContent()) ?? '').trim();

  const resident = await newPhone({ javaScriptEnabled: false });
  const missing = await resident.page.goto(`/hoi/${code}`);
  expect(missing?.status()).toBe(404);

  await volunteer.online();
  await expect(volunteer.page.getByText(/^Câu hỏi đã đến nơi/)).toBeVisible();
  expect(await rows()).not.toMatch(/0905|Giấy hẹn/);
  await expect(volunteer.page.getByText('0905 123 456')).toHaveCount(0);
  await resident.page.goto(`/hoi/${code}`);
  await expect(resident.page.getByText('Giấy hẹn mất rồi')).toBeVisible();
  await expect(resident.page.getByText('Hẹn trả lời chậm nhất')).toBeVisible();
});
