import { expect, test } from 'vitest';
import { fold } from '@/i18n/fold';
import { found } from './find';

const row = (question: string, answer: string) => ({
  question,
  answer,
  folded: fold(`${question}\n${answer}`),
});
const ROWS = [
  row('Thuê trọ thì đăng ký tạm trú thế nào?', 'Mở VNeID, khai địa chỉ rồi gửi.'),
  row('Làm khai sinh muộn có bị phạt không?', 'Không. Mang giấy chứng sinh đến quầy.'),
  row('Sao y giấy tờ hết bao nhiêu tiền?', '2.000 đồng một trang.'),
];
const titles = (query: string) => found(ROWS, query).map(({ question }) => question.split(' ')[0]);

test('answers are found with or without marks, the best first', () => {
  expect(titles('tam tru')).toEqual(['Thuê']);
  expect(titles('TẠM TRÚ')).toEqual(['Thuê']);
  expect(titles('khai sinh')).toEqual(['Làm']);
  expect(titles('khai dia chi')).toEqual(['Thuê']);
  // In the question it says more than in the answer.
  expect(titles('giay')).toEqual(['Sao', 'Làm']);
});

test('the word being typed is found by its beginning, and nothing is found for what nobody asked', () => {
  expect(titles('chung si')).toEqual(['Làm']);
  expect(titles('mua xe may cu')).toEqual([]);
  expect(titles('  ')).toHaveLength(3);
});
