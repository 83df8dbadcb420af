/** What the person likes, kept on the phone. Applied to <html> so that CSS alone does the rest. */
import { setLanguage, type Language } from '@/i18n/words.svelte';

export type Theme = 'system' | 'light' | 'dark';
export type TextSize = 'small' | 'normal' | 'large' | 'largest';
interface Values {
  theme: Theme;
  text: TextSize;
  language: Language;
}

const STORE_KEY = 'causo.settings';
const DEFAULTS: Values = { theme: 'system', text: 'normal', language: 'vi' };

export class Settings {
  #values = $state.raw<Values>(DEFAULTS);

  constructor(private readonly storage: Storage) {
    this.#values = this.#read();
  }
  get theme(): Theme {
    return this.#values.theme;
  }
  get text(): TextSize {
    return this.#values.text;
  }
  get language(): Language {
    return this.#values.language;
  }
  /** Applies everything; resolves when the words of the chosen language are there. */
  async apply(): Promise<void> {
    const { dataset } = document.documentElement;
    dataset.theme = this.theme;
    dataset.text = this.text;
    if (this.language !== 'vi' || document.documentElement.lang !== 'vi') await setLanguage(this.language);
  }
  async set(change: Partial<Values>): Promise<void> {
    this.#values = { ...this.#values, ...change };
    this.storage.setItem(STORE_KEY, JSON.stringify(this.#values));
    await this.apply();
  }
  #read(): Values {
    try {
      return { ...DEFAULTS, ...(JSON.parse(this.storage.getItem(STORE_KEY) ?? '{}') as Partial<Values>) };
    } catch {
      return DEFAULTS;
    }
  }
}
