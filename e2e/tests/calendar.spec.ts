import { LAPTOP, COMMUNE_OFFICER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const TITLE = 'Chủ nhật về thôn';

test('an officer plans Sundays and calls one off; a volunteer sees it with the network gone and ticks a step that arrives later', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  await laptop.page.getByRole('link', { name: 'Lịch', exact: true }).first().click();
  await expect(laptop.heading('Lịch')).toBeVisible();
  await laptop.button('Lên lịch').click();
  const sheet = laptop.sheet('Lên lịch');
  await sheet.getByLabel('Tên hoạt động').fill(TITLE);
  await sheet.getByLabel('Ngày, hoặc ngày đầu tiên').fill('2024-10-13');
  await sheet.getByRole('radio', { name: 'Mỗi Chủ nhật' }).check();
  await sheet.getByLabel('Đến hết ngày').fill('2024-11-24');
  await sheet.getByText('Các bước trong ngày').first().click();
  await laptop.button(/^Dùng thứ tự quen thuộc/, sheet).click();
  await laptop.button('Lưu', sheet).click();
  await expect(laptop.toast(`Đã lưu “${TITLE}”`)).toBeVisible();

  // The next Sunday, called off for the storm.
  await laptop.page.goto('/lich?xem=tuan&ngay=2024-10-20');
  await laptop.page.getByRole('link', { name: new RegExp(TITLE) }).click();
  await laptop.button('Hoãn hoặc dời ngày này').click();
  const change = laptop.sheet('Hoãn hoặc dời ngày này');
  await change.getByLabel('Lý do').fill('Bão số 6');
  await laptop.button('Lưu', change).click();
  await expect(laptop.page.getByText('Bão số 6')).toBeVisible();

  // The week and the month on a laptop, the year with its days off.
  await laptop.page.goto('/lich?xem=thang&ngay=2024-10-20');
  await expect(laptop.page.getByRole('table').getByText('Đã hoãn')).toBeVisible();
  await laptop.page.goto('/lich?xem=nam&ngay=2024-10-20');
  await expect(laptop.page.getByText('Giỗ Tổ Hùng Vương')).toBeVisible();
  await expect(laptop.page.getByText('Ngày Chuyển đổi số quốc gia')).toBeVisible();

  const phone = await newPhone();
  await phone.signIn(VOLUNTEER);
  await phone.page.goto('/lich?xem=tuan&ngay=2024-10-20');
  await expect(phone.page.getByRole('link', { name: new RegExp(TITLE) })).toContainText('Đã hoãn');
  await phone.page.goto('/lich?xem=tuan&ngay=2024-10-13');
  await expect(phone.page.getByRole('link', { name: new RegExp(TITLE) })).toBeVisible();

  await phone.offline();
  await phone.page.reload();
  await phone.tap(phone.page.getByRole('link', { name: new RegExp(TITLE) }));
  await expect(phone.heading(TITLE)).toBeVisible();
  await phone.tap(phone.button(/^Đã làm\s*: Diễu hành/));
  await expect(phone.toast('Đã đánh dấu: Diễu hành')).toBeVisible();
  // A later step first: the phone warns, and leaves the choice.
  await phone.tap(phone.button(/^Đã làm\s*: Bắt tay vào việc/));
  const early = phone.sheet('Bắt tay vào việc');
  await expect(early.getByText('Bước trước chưa xong: Phát tờ rơi')).toBeVisible();
  await phone.tap(phone.button('Vẫn đánh dấu đã làm', early));
  await expect(phone.page.getByText(/^Xong lúc/)).toHaveCount(2);

  await phone.online();
  await laptop.page.goto('/lich?xem=tuan&ngay=2024-10-13');
  await laptop.page.getByRole('link', { name: new RegExp(TITLE) }).click();
  await expect
    .poll(async () => {
      await laptop.page.reload();
      await expect(laptop.page.getByText(/tổ đã bắt đầu/)).toBeVisible();
      return laptop.page.getByText(/bắt đầu “Bắt tay vào việc” trước khi xong bước trước/).count();
    })
    .toBe(1);
});

test('a series on two weekdays keeps them, its services, its people and its days off when only its name is mended', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  await laptop.page.goto('/lich?xem=tuan&ngay=2024-10-13');
  await laptop.button('Lên lịch').click();
  const sheet = laptop.sheet('Lên lịch');
  await sheet.getByLabel('Tên hoạt động').fill('Trực Một cửa');
  await sheet.getByLabel('Ngày, hoặc ngày đầu tiên').fill('2024-10-13');
  await sheet.getByRole('radio', { name: 'Mỗi Chủ nhật' }).check();
  await sheet.getByRole('checkbox', { name: 'Thứ Ba' }).check();
  await sheet.getByRole('checkbox', { name: 'Thứ Năm' }).check();
  await sheet.getByRole('checkbox', { name: 'Chủ nhật' }).uncheck();
  await expect(sheet.getByText('Ngày đầu tiên sẽ là Thứ Ba 15/10/2024.')).toBeVisible();
  await sheet.getByLabel('Đến hết ngày').fill('2024-10-31');
  await sheet.getByText('Ai tham gia').click();
  await sheet.getByText('Thêm tổ, đội cụ thể').first().click();
  await sheet.getByRole('group', { name: 'Thêm tổ, đội cụ thể' }).getByRole('checkbox').first().check();
  await sheet.getByText('Dịch vụ, chiến dịch, điểm hỗ trợ').click();
  await sheet.getByText('Dịch vụ hỗ trợ tại buổi này').first().click();
  await sheet.getByLabel('Tìm dịch vụ').fill('vneid');
  await sheet.getByRole('checkbox', { name: /VNeID/ }).first().check();
  await sheet.getByLabel('Thuộc chiến dịch').selectOption({ index: 1 });
  await sheet.getByText('Các bước trong ngày').first().click();
  await sheet.getByLabel('Các bước trong ngày').fill('Đếm số người đến');
  await sheet.getByLabel('Bằng chứng của bước: Đếm số người đến').selectOption('Ghi vài chữ hoặc con số');
  await sheet.getByText('Ngày nghỉ và lời dặn').click();
  await sheet.getByLabel('Nghỉ riêng ngày').fill('2024-10-17');
  await laptop.button('Thêm ngày nghỉ', sheet).click();
  await laptop.button('Lưu', sheet).click();
  await expect(laptop.toast('Đã lưu “Trực Một cửa”')).toBeVisible();

  const open = async () => {
    await laptop.page.goto('/lich?xem=tuan&ngay=2024-10-15');
    await laptop.page
      .getByRole('link', { name: /Trực Một cửa/ })
      .first()
      .click();
    await expect(laptop.page.getByText('Mỗi Thứ Ba, Thứ Năm đến 31/10/2024')).toBeVisible();
    await expect(laptop.page.getByRole('definition').filter({ hasText: 'VNeID' })).toBeVisible();
    const days = laptop.page
      .getByRole('region')
      .or(laptop.page.locator('section'))
      .filter({ hasText: 'Các ngày tới' });
    await expect(days.last().getByRole('link')).toHaveText([
      'Thứ Ba 15/10/2024',
      'Thứ Ba 22/10/2024',
      'Thứ Năm 24/10/2024',
      'Thứ Ba 29/10/2024',
      'Thứ Năm 31/10/2024',
    ]);
  };
  await open();
  await laptop.button('Sửa hoạt động').click();
  const edit = laptop.sheet('Sửa hoạt động');
  await edit.getByLabel('Tên hoạt động').fill('Trực Một cửa phường');
  await laptop.button('Lưu', edit).click();
  await expect(laptop.toast('Đã lưu “Trực Một cửa phường”')).toBeVisible();
  await open();
  await expect(laptop.heading('Trực Một cửa phường')).toBeVisible();
  await laptop.button('Sửa hoạt động').click();
  await expect(edit.getByLabel('Bằng chứng của bước: Đếm số người đến')).toHaveValue('note');
});
