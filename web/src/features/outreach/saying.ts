/** Posts and cashless streets in a line, the same in the log, on the home screen and behind a number. */
import type { Key } from '@/i18n/keys';
import { formatNumber } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { PostBody, StreetBody } from '@/wire';

export const CHANNELS: Record<PostBody['channel'], Key> = {
  website: 'post.website',
  facebook: 'post.facebook',
  zalo: 'post.zalo',
  other: 'post.other',
};
export const STATUSES: Record<StreetBody['status'], Key> = {
  operating: 'street.operating',
  stalled: 'street.stalled',
  closed: 'street.closed',
};

interface Said {
  title: string;
  text: string;
}
export const sayPost = ({ title, url, channel }: PostBody): Said => ({
  title: t('post.entry', { title }),
  text: `${t(CHANNELS[channel])} · ${url}`,
});
export const sayStreet = ({ name, status, merchants }: StreetBody): Said => ({
  title: t('street.entry', { name }),
  text: [t(STATUSES[status]), merchants === null ? '' : t('street.merchants', { n: formatNumber(merchants) })]
    .filter(Boolean)
    .join(' · '),
});
