/**
 * Message catalogues. The Vietnamese words of the screens everyone passes come with the first script, as the screens
 * do; other features' words and the English ones are fetched beside the feature's own code.
 */
import assistsVi from '@/features/assists/vi.json';
import homeVi from '@/features/home/vi.json';
import sessionVi from '@/features/session/vi.json';
import shellVi from './vi.json';
import type { Key } from './keys';

export type Language = 'vi' | 'en';
export type Params = Record<string, string | number>;
type Catalogue = Record<string, string>;

const first: Record<string, Catalogue> = {
  shell: shellVi,
  home: homeVi,
  session: sessionVi,
  assists: assistsVi,
};
const files = import.meta.glob<{ default: Catalogue }>([
  '../features/*/vi.json',
  '!../features/{assists,home,session}/vi.json',
  '../features/*/en.json',
  './en.json',
]);

let language = $state<Language>('vi');
let words = $state.raw<Catalogue>(Object.assign({}, ...Object.values(first)) as Catalogue);
/** Namespaces asked for so far; a change of language fetches the same ones again. */
const loaded = new Set(Object.keys(first));

const fileOf = (namespace: string, to: Language) =>
  namespace === 'shell' ? './en.json' : `../features/${namespace}/${to}.json`;

async function fetchWords(namespace: string, to: Language): Promise<Catalogue> {
  const bundled = to === 'vi' ? first[namespace] : undefined;
  if (bundled !== undefined) return bundled;
  const load = files[fileOf(namespace, to)];
  return load === undefined ? {} : (await load()).default;
}

/** Makes the words of a feature available. Call before the feature's screen is shown. */
export async function loadWords(namespace: string): Promise<void> {
  if (loaded.has(namespace)) return;
  const more = await fetchWords(namespace, language);
  loaded.add(namespace);
  words = { ...words, ...more };
}

export async function setLanguage(to: Language): Promise<void> {
  const parts = await Promise.all([...loaded].map((namespace) => fetchWords(namespace, to)));
  words = Object.assign({}, ...parts) as Catalogue;
  language = to;
  if (typeof document !== 'undefined') document.documentElement.lang = to;
}

export const currentLanguage = (): Language => language;

/**
 * The text for a key in the language of the moment. `{name}` takes a parameter. A text holding ` | ` has a
 * singular and a plural, chosen by the parameter `n` (Vietnamese has only one form).
 */
export function t(key: Key, params?: Params): string {
  const text = words[key];
  if (text === undefined) return key;
  if (params === undefined) return text;
  const [one, other] = text.split(' | ');
  const chosen = other !== undefined && params.n !== 1 && params.n !== '1' ? other : (one ?? text);
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
