/** Expert squads: the commune's overloaded desk, the province's queue, the expert where there is no signal. */
import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, PROVINCE_OFFICER, type Person, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const EXPERT: Person = { login: 'chuyengia', secret: '260324', given: 'Bảo' };
const NAME = 'Đặng Quốc Bảo';
const DESK = 'Trung tâm Phục vụ hành chính công';

const line = (phone: Phone, text: string) =>
  phone.page.getByRole('main').getByRole('link').filter({ hasText: text }).first();

test('a commune asks, the province sends, the expert works with no signal, the commune says its word', async ({
  phone,
  newPhone,
}) => {
  // Three people, five pages looked at.
  await phone.signIn(COMMUNE_OFFICER);
  await phone.openMore('Chuyên gia');
  await expect(phone.page.getByText(`${DESK} đang quá tải`)).toBeVisible();
  await phone.button('Xin chuyên gia cho bàn này').first().tap();
  const asking = phone.sheet('Xin chuyên gia');
  await asking.getByLabel('Lĩnh vực cần giúp').selectOption('Tài nguyên, môi trường');
  const purpose = asking.getByLabel('Cần giúp việc gì?');
  await expect(purpose).toHaveValue(/đang quá tải: 7 ngày tới còn thiếu \d+% lượt trực/);
  await check(phone, 'asking');
  await purpose.fill('Bàn đông, gọi lại cho bà con 0905 123 456');
  await phone.button('Gửi yêu cầu lên tỉnh', asking).tap();
  await expect(asking.getByRole('alert')).toContainText('có số điện thoại');
  await purpose.fill('Bàn quá tải hồ sơ đất đai, cần người cùng rà soát');
  await phone.button('Gửi yêu cầu lên tỉnh', asking).tap();
  await expect(phone.toast(/^Đã gửi lên tỉnh/)).toBeVisible();

  const office = await newPhone(LAPTOP);
  await office.signIn(PROVINCE_OFFICER);
  await office.page.goto('/chuyen-gia');
  await line(office, 'cần người cùng rà soát').click();
  await office.button('Chọn người giúp').click();
  const who = office.sheet('Ai có thể giúp?');
  await expect(who.getByRole('listitem').first()).toContainText('đúng lĩnh vực');
  await check(office, 'suggestions');
  await office.button(new RegExp(`^Mời giúp.*${NAME}$`), who).click();
  await expect(office.page.getByText(`Tỉnh mời ${NAME}`)).toBeVisible();

  const expert = await newPhone();
  await expert.signIn(EXPERT);
  await expect(expert.page.getByRole('heading', { name: 'Việc chuyên gia của bạn' })).toBeVisible();
  await expert.page.goto('/chuyen-gia/cua-toi');
  await line(expert, 'cần người cùng rà soát').tap();
  await expert.button('Nhận giúp').tap();
  await expect(expert.page.getByText(`${NAME} nhận giúp`)).toBeVisible();
  // On the phone it is so at once; the office hears of it when it was sent.
  await expect.poll(async () => (await expert.facts()).some(({ state }) => state === 'unsent')).toBe(false);

  await office.page.reload();
  await office.button('Cử đi').click();
  const sending = office.sheet('Cử đi');
  await sending.getByLabel('Gặp ai, ở đâu, mấy giờ').fill('Bộ phận Một cửa, 7 giờ 30');
  await office.button('Cử đi', sending).click();
  await expect(office.page.getByText(`Tỉnh cử ${NAME} đi`)).toBeVisible();

  // The phone hears of it while there is a network, and needs none from then on.
  await expert.page.reload();
  await expect(expert.button('Ghi nhật ký')).toBeVisible();
  const isSent = (job: string) => job.includes('cần người cùng rà soát') && job.includes('"dispatched"');
  await expect
    .poll(async () => (await expert.rows('expert_jobs')).map((job) => JSON.stringify(job)).some(isSent))
    .toBe(true);
  await expert.offline();
  await expert.page.reload();
  await expert.button('Ghi nhật ký').tap();
  const log = expert.sheet('Ghi nhật ký');
  await log.getByRole('radio', { name: '3 giờ' }).check();
  await log.getByLabel('Đã làm gì?').fill('Rà soát 30 hồ sơ cùng cán bộ địa chính');
  await check(expert, 'the work log');
  await expert.button('Ghi vào nhật ký', log).tap();
  const work = expert.page.getByRole('region', { name: /^Nhật ký công việc/ });
  await expect(work).toContainText('Rà soát 30 hồ sơ');
  await expect(work).toContainText('Chờ gửi');
  await expert.button('Báo đã xong').tap();
  const finishing = expert.sheet('Báo đã xong');
  await finishing.getByLabel(/^Kết quả/).fill('Xong 30 hồ sơ, không còn hồ sơ trễ');
  await expert.button('Báo đã xong', finishing).tap();
  await expect(expert.page.getByText('Chuyên gia báo xong')).toBeVisible();
  await check(expert, 'a request with no signal');
  await expert.online();
  await expect(work).not.toContainText('Chờ gửi');

  await phone.page.goto('/chuyen-gia');
  await line(phone, 'cần người cùng rà soát').tap();
  await expect(phone.page.getByRole('region', { name: 'Nhật ký công việc · 3 giờ' })).toBeVisible();
  await check(phone, 'a request');
  await phone.button('Nhận xét và khép lại').tap();
  const word = phone.sheet('Nhận xét và khép lại');
  await word.getByRole('radio', { name: 'Đã giải quyết được' }).check();
  await phone.button('Nhận xét và khép lại', word).tap();
  await expect(phone.page.getByText('Đã khép lại')).toBeVisible();
});

test('the province keeps its squad and sees what came of it', async ({ newPhone }) => {
  const office = await newPhone(LAPTOP);
  await office.signIn(PROVINCE_OFFICER);
  await office.page.goto('/chuyen-gia/doi-hinh');
  await expect(office.page.getByText('20 người')).toBeVisible();
  await check(office, 'the squad');
  await office.page.getByRole('searchbox', { name: /^Tìm theo tên/ }).fill('so tu phap');
  await expect(office.page.getByText('2 người')).toBeVisible();
  await office.button(/^Sửa/).first().click();
  const sheet = office.page.getByRole('dialog');
  await sheet.getByLabel('Số giờ mỗi tháng cơ quan cho đi').fill('20');
  await office.button('Lưu', sheet).click();
  await expect(office.page.getByText('20 giờ mỗi tháng').first()).toBeVisible();

  await office.page.goto('/chuyen-gia/bao-cao');
  const fields = office.page.getByRole('region', { name: 'Lĩnh vực' });
  await expect(fields.getByRole('row', { name: /^Thông tin, truyền thông/ })).toContainText('4');
  await check(office, 'the report');
  const saving = office.page.waitForEvent('download');
  await office.button('Tải bảng (CSV)').click();
  expect((await saving).suggestedFilename()).toMatch(/^chuyen-gia-.*\.csv$/);
});
