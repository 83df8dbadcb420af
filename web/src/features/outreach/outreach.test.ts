import { describe, expect, it } from 'vitest';
import type { PostFact, StreetFact } from '@/wire';
import {
  channelOf,
  emptyPost,
  emptyStreet,
  isSamePost,
  isSameStreet,
  postBody,
  postFaults,
  postOf,
  streetBody,
  streetFaults,
  streetOf,
  tidyUrl,
} from './drafts';
import { sayPost, sayStreet } from './saying';

const NOW_MS = Date.parse('2024-10-13T08:05:00+07:00');
const PLACE = '63-21907';
const head = {
  id: 'a',
  happened_at: '2024-10-13T08:05:00+07:00',
  place: PLACE,
  team: null,
  device: 'd',
  seq: 1,
  corrects: null,
};

describe('the address of a post', () => {
  it('is taken with and without its beginning, and without what sharing adds', () => {
    expect(tidyUrl(' baobinhdinh.vn/tin/1 ')).toBe('https://baobinhdinh.vn/tin/1');
    expect(tidyUrl('https://www.facebook.com/a/posts/1?fbclid=xyz&utm_source=zalo')).toBe(
      'https://www.facebook.com/a/posts/1',
    );
    expect(tidyUrl('http://zalo.me/s/12?id=3')).toBe('http://zalo.me/s/12?id=3');
    expect(tidyUrl('https://baobinhdinh.vn/')).toBe('https://baobinhdinh.vn');
  });
  it('is refused when nobody could open it', () => {
    for (const text of [
      '',
      'báo Bình Định',
      'baobinhdinh',
      'ftp://a.vn/1',
      'javascript:alert(1)',
      'a.vn/b c',
    ])
      expect(tidyUrl(text), text).toBeNull();
  });
  it('says where it was published, until somebody says otherwise', () => {
    expect(channelOf({ channel: null, url: 'fb.com/x' })).toBe('facebook');
    expect(channelOf({ channel: null, url: 'https://zalo.me/s/1' })).toBe('zalo');
    expect(channelOf({ channel: null, url: 'notfacebook.com/x' })).toBe('website');
    expect(channelOf({ channel: 'other', url: 'fb.com/x' })).toBe('other');
  });
});

describe('a post', () => {
  const post = { ...emptyPost(PLACE), url: 'baobinhdinh.vn/1', title: ' Ra  quân ' };
  it('needs a link, a headline and a place', () => {
    expect(Object.keys(postFaults(emptyPost(''), NOW_MS)).sort()).toEqual(['place', 'title', 'url']);
    expect(postFaults(post, NOW_MS)).toEqual({});
    expect(postFaults({ ...post, url: `a.vn/${'x'.repeat(300)}` }, NOW_MS).url).toBe(
      'outreach.fault_url_long',
    );
    expect(postFaults({ ...post, at_ms: NOW_MS + 1 }, NOW_MS).at_ms).toBe('assists.when_fault');
  });
  it('goes out tidy, comes back to be corrected, and is known again', () => {
    const body = postBody(post);
    expect(body).toEqual({ title: 'Ra quân', url: 'https://baobinhdinh.vn/1', channel: 'website' });
    const fact: PostFact = { ...head, kind: 'post.v1', body };
    expect(postBody(postOf(fact))).toEqual(body);
    expect(isSamePost(fact, { ...post, url: 'https://BaoBinhDinh.vn/1?fbclid=1' })).toBe(true);
    expect(isSamePost(fact, { ...post, url: '' })).toBe(false);
    expect(sayPost(body)).toEqual({
      title: 'Tin, bài: Ra quân',
      text: 'Trang web · https://baobinhdinh.vn/1',
    });
  });
});

describe('a cashless street', () => {
  const street = { ...emptyStreet(PLACE), name: 'Đường Trần Phú', merchants: '1.025' };
  it('needs a name and a place; merchants are a number or nothing', () => {
    expect(Object.keys(streetFaults(emptyStreet(''), NOW_MS)).sort()).toEqual(['name', 'place']);
    expect(streetFaults(street, NOW_MS)).toEqual({});
    expect(streetFaults({ ...street, merchants: 'nhiều' }, NOW_MS).merchants).toBe(
      'outreach.fault_merchants',
    );
  });
  it('goes out tidy, comes back to be corrected, and is known again', () => {
    const body = streetBody(street);
    expect(body).toEqual({ name: 'Đường Trần Phú', status: 'operating', merchants: 1025 });
    expect(streetBody({ ...street, merchants: '' }).merchants).toBeNull();
    const fact: StreetFact = { ...head, kind: 'street.v1', body };
    expect(streetBody(streetOf(fact))).toEqual(body);
    expect(isSameStreet(fact, { ...street, name: 'duong tran phu' })).toBe(true);
    expect(isSameStreet(fact, { ...street, place: '63-21910' })).toBe(false);
    expect(sayStreet(body).text).toBe('Đang hoạt động · 1.025 hộ kinh doanh');
  });
});
