/**
 * The code a point shows: as in RFC 6238 with HMAC-SHA-256, thirty seconds and six digits, made by whoever holds the
 * point's secret without asking anybody. The server judges it; here it is only made, written and read.
 */
export interface Shown {
  kind: 'point' | 'activity';
  /** Of the point or the activity. */
  id: string;
  place: string;
  step: number;
  code: string;
}

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export const stepOf = (ms: number, stepS: number): number => Math.floor(ms / 1000 / stepS);

export async function codeAt(secret: string, step: number, digits: number): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytesOf(secret), algorithm, false, ['sign']);
  const moment = new DataView(new ArrayBuffer(8));
  moment.setBigUint64(0, BigInt(step));
  const digest = new DataView(await crypto.subtle.sign('HMAC', key, moment.buffer));
  const offset = digest.getUint8(31) & 0x0f;
  const number = digest.getUint32(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** What a code begins with, by where it is shown. */
const MARKS = { CS1: 'point', CS2: 'activity' } as const;

/** As short as can be, so that the squares are large: `CS1.<point>.<place>.<step>.<code>`. */
export const writeShown = ({ kind, id, place, step, code }: Shown): string =>
  [kind === 'point' ? 'CS1' : 'CS2', id.replaceAll('-', ''), place, step.toString(36), code].join('.');

/** Null for any other QR code: people point their phones at all sorts of things. */
export function readShown(text: string): Shown | null {
  const [mark = '', id = '', place = '', step = '', code = '', ...rest] = text.split('.');
  const kind = mark in MARKS ? MARKS[mark as keyof typeof MARKS] : null;
  const sound =
    rest.length === 0 &&
    /^[0-9a-f]{32}$/.test(id) &&
    /^[0-9A-Za-z-]{1,48}$/.test(place) &&
    /^[0-9a-z]{1,10}$/.test(step) &&
    /^\d{6}$/.test(code);
  if (kind === null || !sound) return null;
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { kind, id: uuid, place, step: Number.parseInt(step, 36), code };
}
