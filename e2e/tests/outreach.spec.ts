import { LAPTOP, LEADER, PROVINCE_OFFICER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

test('a post written without signal is refused until its link opens, then sent, corrected and taken back like an assist', async ({
  phone,
  office,
}) => {
  const { page } = phone;
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await page.getByRole('link', { name: 'Tin, bài đã đăng' }).tap();
  await expect(phone.heading('Ghi tin, bài đã đăng')).toBeVisible();
  await page.getByLabel('Đường liên kết của bài').fill('báo Bình Định');
  await phone.button('Xong').tap();
  await expect(page.getByText(/^Đây chưa phải đường liên kết/)).toBeVisible();
  await expect(page.getByText('Ghi tên bài')).toBeVisible();
  await page.getByLabel('Đường liên kết của bài').fill('facebook.com/tuoitre/posts/7?fbclid=abc');
  await expect(page.getByLabel('Facebook')).toBeChecked();
  await page.getByLabel('Tên bài').fill('Ngày Chủ nhật số ở Đập Đá');
  await phone.button('Xong').tap();
  await expect(phone.toast(/^Đã ghi: Tin, bài/)).toBeVisible();
  await expect(phone.heading(/^Chào/)).toBeVisible();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });

  await page.getByRole('link', { name: 'Tin, bài đã đăng' }).tap();
  await page.getByLabel('Đường liên kết của bài').fill('https://www.facebook.com/tuoitre/posts/8');
  await expect(page.getByText(/^Bài này đã ghi/)).toBeHidden();
  await page.getByLabel('Đường liên kết của bài').fill('https://facebook.com/tuoitre/posts/7');
  await expect(page.getByText(/^Bài này đã ghi/)).toBeVisible();
  await phone.button('Quay lại').tap();

  await phone.online();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  const [sent] = await phone.facts();
  const { body } = await office.get<{ body: unknown }>(`/facts/${sent?.id}`);
  expect(body).toEqual({
    title: 'Ngày Chủ nhật số ở Đập Đá',
    url: 'https://facebook.com/tuoitre/posts/7',
    channel: 'facebook',
  });

  await page.goto('/nhat-ky');
  await phone.button(/Ngày Chủ nhật số/, page.getByRole('main')).tap();
  await page.getByRole('link', { name: 'Sửa' }).tap();
  await page.getByLabel('Tên bài').fill('Ngày Chủ nhật số ở phường Đập Đá');
  await phone.button('Lưu bản sửa').tap();
  await expect(phone.heading('Nhật ký của tôi')).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(1);
  const entry = page.getByRole('article').filter({ hasText: 'phường Đập Đá' });
  await expect(entry.getByText('Đã tính')).toBeVisible();
  await entry.getByRole('button').first().tap();
  await phone.button('Hủy lượt', entry).tap();
  await phone.button('Hủy lượt', phone.sheet('Hủy lượt này?')).tap();
  await expect(entry.getByText('Đã hủy', { exact: true })).toBeVisible();
  await expect.poll(async () => (await office.fact(sent?.id ?? '')).state).not.toBe('live');
});

test('a cashless street is recorded offline, undone with one tap, and its new state replaces the old', async ({
  phone,
  office,
}) => {
  const { page } = phone;
  const streets = () => office.result('coverage_cashless_street');
  const before = await streets();
  await phone.signIn(LEADER);
  await phone.offline();
  await page.goto('/ghi');
  await page.getByRole('link', { name: 'Đường không tiền mặt' }).tap();
  const write = async () => {
    await page.getByLabel('Tên tuyến đường, khu chợ').fill('Đường Không Có Thật');
    await page.getByLabel(/^Số hộ kinh doanh/).fill('25');
    await phone.button('Xong').tap();
    await expect(phone.toast(/^Đã ghi: Tuyến đường/)).toBeVisible();
  };
  await phone.button('Xong').tap();
  await expect(page.getByText('Ghi tên tuyến đường')).toBeVisible();
  await write();
  await phone.button('Hoàn tác').tap();
  await expect(phone.toast(/^Đã hoàn tác/)).toBeVisible();
  expect(await phone.facts()).toEqual([]);

  await page.getByRole('link', { name: 'Đường không tiền mặt' }).tap();
  await write();
  await phone.online();
  await expect.poll(async () => (await phone.facts())[0]?.state).toBe('counted');
  expect(await streets()).toBe(before + 1);

  await page.goto('/ghi/tuyen-duong');
  await page.getByLabel('Tên tuyến đường, khu chợ').fill('duong khong co that');
  await page.getByRole('link', { name: 'Mở bản đã ghi' }).tap();
  await expect(phone.heading('Sửa tuyến đường')).toBeVisible();
  await page.getByLabel('Chững lại').check();
  await phone.button('Lưu bản sửa').tap();
  await expect.poll(streets).toBe(before);
});

test('an officer at a laptop finds both below the services, for any commune of the district', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await page.goto('/ghi');
  await page.getByRole('link', { name: 'Đường không tiền mặt' }).click();
  await page.getByLabel('Tên tuyến đường, khu chợ').fill('Chợ Bồng Sơn');
  await laptop.button('Đổi').click();
  const pick = laptop.sheet('Chọn địa bàn');
  await pick.getByRole('searchbox').fill('thi xa hoai nhon');
  await laptop.button(/^Thị xã Hoài Nhơn/, pick).click();
  await laptop.button('Xong').click();
  await expect(laptop.toast(/^Đã ghi: Tuyến đường/)).toBeVisible();
  await expect.poll(async () => (await laptop.facts())[0]?.state).toBe('counted');
});
