import { check } from '../support/faults.ts';
import { VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

test('with the network gone, a volunteer finds what to say to an objection, from the guides and from a record', async ({
  phone,
}) => {
  await phone.signIn(VOLUNTEER);
  await expect.poll(() => phone.count('objections')).toBeGreaterThan(0);
  await phone.offline();
  await phone.page.goto('/huong-dan');
  await phone.tap(phone.page.getByRole('link', { name: 'Giải đáp thắc mắc' }));
  await phone.page.getByLabel('Tìm thắc mắc').fill('sap nhap o dau');
  await phone.tap(phone.page.getByText('Sáp nhập rồi, giờ nộp hồ sơ ở đâu?'));
  await expect(phone.page.getByText('Căn cứ: Nghị định 118/2025/NĐ-CP')).toBeVisible();
  await check(phone, 'objections');

  await phone.page.goto('/ghi');
  await phone.tap(phone.tile('TK thanh toán'));
  await phone.page.getByRole('radio', { name: 'Đã vận động, chưa đồng ý' }).check();
  await phone.page.getByLabel('Lý do').selectOption('Sợ bị lừa đảo');
  await phone.tap(phone.page.getByRole('link', { name: 'Cách trả lời cho bà con yên lòng' }));
  await expect(phone.page.getByText('Gần nhất với “Sợ bị lừa đảo” đứng trước.')).toBeVisible();
  const first = phone.page.getByRole('main').locator('summary').first();
  await expect(first).toHaveText(/(lừa|tiền|lộ|phí)/);
  // The record that was begun is still there.
  await phone.tap(phone.button('Quay lại'));
  await expect(phone.page.getByLabel('Lý do')).toHaveValue('fears_scam');
});
