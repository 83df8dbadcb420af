/** The branch workspace: what an office asks and what comes back, and a meeting from its plan to the last tick. */
import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, LEADER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const ASKED = 'Rà soát camera an ninh có mã QR';
const DECISION = 'Dán mã QR ở cổng chợ';

test('a directive goes to the teams of a commune, is received and reported with no signal, and the silent are reminded', async ({
  newPhone,
}) => {
  const office = await newPhone(LAPTOP);
  await office.signIn(COMMUNE_OFFICER);
  await office.page.goto('/chi-doan');
  await expect(office.heading('Chỉ đạo')).toBeVisible();
  await office.button('Gửi chỉ đạo').click();
  const sheet = office.sheet('Gửi chỉ đạo');
  await sheet.getByLabel('Việc cần làm').fill(ASKED);
  await sheet.getByLabel('Nội dung').fill('Đi hết các ngõ.\nBáo số điểm đã xem.');
  await sheet.getByLabel('Hạn').fill('2024-10-19');
  await sheet.getByLabel('Cần báo con số nào?').fill('điểm đã xem');
  await sheet.getByLabel('Số, ký hiệu văn bản').fill('hai lăm');
  await office.button('Gửi chỉ đạo', sheet).click();
  await expect(sheet.getByText(/chưa đúng cách ghi của văn bản/)).toBeVisible();
  await sheet.getByLabel('Số, ký hiệu văn bản').fill('25-CV/ĐTN');
  await office.button('Gửi chỉ đạo', sheet).click();
  await expect(office.heading(ASKED)).toBeVisible();
  // A Saturday is no working day.
  await expect(office.page.getByText('hạn 21/10/2024').first()).toBeVisible();

  const phone = await newPhone();
  await phone.signIn(LEADER);
  await phone.page.goto('/chi-doan');
  await expect(phone.page.getByRole('link', { name: new RegExp(ASKED) })).toContainText('Chưa nhận');
  await phone.offline();
  await phone.page.reload();
  await phone.tap(phone.page.getByRole('link', { name: new RegExp(ASKED) }));
  await phone.tap(phone.button('Đã nhận'));
  await phone.page.getByLabel('điểm đã xem').fill('14');
  await phone.page.getByLabel('Kết quả, vài lời').fill('Xong cả khu vực');
  await phone.tap(phone.button('Gửi báo cáo'));
  await expect(phone.page.getByText('Chưa gửi').first()).toBeVisible();
  await check(phone, 'directive');
  await phone.online();
  await expect(phone.page.getByText('Chưa gửi')).toHaveCount(0);

  await expect
    .poll(async () => {
      await office.page.reload();
      await expect(office.heading(ASKED)).toBeVisible();
      return office.page.getByText('Xong cả khu vực').count();
    })
    .toBe(1);
  const results = office.page.getByRole('region', { name: 'Kết quả các tổ' });
  await expect(results).toContainText(/1\/\d+ đã báo cáo/);
  await check(office, 'results');
  await office.button(/^Nhắc \d+ tổ$/, results).click();
  await expect(office.toast(/^Đã nhắc \d+ tổ/)).toBeVisible();
  await expect(office.button('Hôm nay đã nhắc đủ', results)).toBeDisabled();
});

test('a leader plans a meeting, calls the roll and signs the minutes with no signal; a decision becomes a task that a volunteer ticks off', async ({
  newPhone,
}) => {
  const leader = await newPhone();
  await leader.signIn(LEADER);
  await leader.page.goto('/chi-doan');
  await leader.tap(leader.button('Lên lịch họp'));
  const sheet = leader.sheet('Lên lịch họp');
  await sheet.getByLabel('Tên cuộc họp').fill('Họp nhanh');
  await sheet.getByLabel('Ngày họp').fill('2024-10-13');
  await sheet.getByLabel('Bắt đầu lúc').fill('09:00');
  await leader.tap(leader.button('Lên lịch họp', sheet));
  await expect(leader.toast(/^Đã lên lịch họp/)).toBeVisible();
  const link = leader.page.getByRole('link', { name: /Họp nhanh/ });
  await leader.tap(link);
  await expect(leader.heading('Họp nhanh')).toBeVisible();
  await expect(leader.page.getByRole('heading', { name: /^Có mặt 0\// })).toBeVisible();

  await leader.offline();
  // The code was given to this phone when it planned the meeting.
  await leader.tap(leader.page.getByRole('link', { name: 'Hiện mã điểm danh' }));
  await expect(leader.page.getByRole('img', { name: 'Mã QR để điểm danh' })).toBeVisible();
  await leader.page.goBack();
  await leader.tap(leader.page.getByRole('button', { name: 'Nguyễn Thị Hạnh' }));
  await expect(leader.page.getByRole('heading', { name: /^Có mặt 1\// })).toBeVisible();
  await leader.tap(leader.button('Ghi biên bản'));
  await leader.page.getByLabel('Ý kiến về nội dung 1').fill('Cả tổ đi đủ.');
  await leader.page.getByLabel('Quyết nghị 1').fill(DECISION);
  await check(leader, 'minutes');
  // The battery goes; the draft does not.
  await leader.page.reload();
  await expect(leader.page.getByLabel('Quyết nghị 1')).toHaveValue(DECISION);
  await leader.tap(leader.button('Ký biên bản'));
  await leader.tap(leader.button('Ký biên bản', leader.sheet('Ký biên bản?')));
  const minutes = leader.page.getByRole('article', { name: 'Biên bản' });
  await expect(minutes).toContainText('Cả tổ đi đủ.');
  await expect(minutes).toContainText('Chưa gửi');
  await leader.tap(leader.button(/^Tạo thành việc/));
  await expect(leader.page.getByText('Đã thành việc')).toBeVisible();
  await check(leader, 'meeting');
  await leader.online();
  await expect(minutes).not.toContainText('Chưa gửi');

  const phone = await newPhone();
  await phone.signIn(VOLUNTEER);
  await phone.page.goto('/chi-doan');
  const tick = phone.button(`Đánh dấu đã xong: ${DECISION}`);
  await expect(tick).toBeVisible();
  await phone.offline();
  await phone.page.reload();
  await phone.tap(tick);
  await expect(phone.toast(`${DECISION}: Đã xong`)).toBeVisible();
  await expect(tick).toHaveCount(0);
  await phone.online();

  await leader.page.goto('/chi-doan');
  await expect
    .poll(async () => {
      await leader.page.reload();
      await expect(leader.page.getByRole('heading', { name: 'Việc của tổ' })).toBeVisible();
      return leader.button(`Đánh dấu đã xong: ${DECISION}`).count();
    })
    .toBe(0);
  // A mistake is corrected; what was signed stays.
  await leader.tap(leader.page.getByRole('link', { name: /Họp nhanh/ }));
  await leader.tap(leader.button('Đính chính biên bản'));
  await leader.page.getByLabel('Lý do đính chính').fill('thiếu một chợ');
  await leader.page.getByLabel('Quyết nghị 1').fill(`${DECISION} và chợ chiều`);
  await leader.tap(leader.button('Ký biên bản'));
  await leader.tap(leader.button('Ký biên bản', leader.sheet('Ký biên bản?')));
  await expect(minutes.first()).toContainText('Đính chính: thiếu một chợ');
  await expect(leader.page.getByText('Bản trước khi đính chính (1)')).toBeVisible();
});
