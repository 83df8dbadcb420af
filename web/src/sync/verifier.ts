/**
 * Opens the app for its owner while the network is gone. Holds a stretched digest of the PIN, never the PIN. It
 * keeps a borrowed phone's other users out of one another's records; it is not a vault.
 */
export interface Verifier {
  salt: string;
  iterations: number;
  digest: string;
}

const ITERATIONS = 210_000;
export const TRIES_MAX = 5;
const WAIT_MS = 60_000;

export const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

async function stretch(secret: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<string> {
  const bytes = new TextEncoder().encode(secret.normalize('NFC'));
  const key = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    key,
    256,
  );
  return toBase64(new Uint8Array(bits));
}

/** Null where the browser offers no cryptography (plain http): such a phone simply has no offline unlock. */
export async function makeVerifier(secret: string, iterations = ITERATIONS): Promise<Verifier | null> {
  if (globalThis.crypto?.subtle === undefined) return null;
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt: toBase64(salt), iterations, digest: await stretch(secret, salt, iterations) };
}

export async function verify(verifier: Verifier, secret: string): Promise<boolean> {
  return (await stretch(secret, fromBase64(verifier.salt), verifier.iterations)) === verifier.digest;
}

/** When the next try is allowed after `tries` wrong ones: free at first, then a minute that doubles. */
export function tryAgainMs(tries: number, nowMs: number): number {
  return tries < TRIES_MAX ? nowMs : nowMs + WAIT_MS * 2 ** Math.min(tries - TRIES_MAX, 6);
}
