/** Speech to text where the browser has it. Some do it on the device, others send the voice to their maker. */
interface Recognition extends EventTarget {
  lang: string;
  interimResults: boolean;
  processLocally?: boolean;
  start: () => void;
  stop: () => void;
}
interface RecognitionClass {
  new (): Recognition;
  available?: (about: { langs: string[]; processLocally: boolean }) => Promise<string>;
}
interface Heard extends Event {
  results: ArrayLike<ArrayLike<{ transcript: string }>>;
}

const found = (): RecognitionClass | undefined => {
  const scope = globalThis as unknown as Record<string, RecognitionClass | undefined>;
  return scope.SpeechRecognition ?? scope.webkitSpeechRecognition;
};

export type Dictation = 'none' | 'here' | 'elsewhere';

/** Whether there is dictation in Vietnamese, and whether the voice stays on this device. */
export async function dictation(): Promise<Dictation> {
  const Recogniser = found();
  if (Recogniser === undefined) return 'none';
  const about = { langs: ['vi-VN'], processLocally: true };
  const answer = await Recogniser.available?.(about).catch(() => 'unavailable');
  return answer === 'available' ? 'here' : 'elsewhere';
}

/** Listens for one utterance; empty when nothing was understood. */
export function listen(where: 'here' | 'elsewhere'): Promise<string> {
  const Recogniser = found();
  if (Recogniser === undefined) return Promise.resolve('');
  const one = new Recogniser();
  one.lang = 'vi-VN';
  one.interimResults = false;
  if (where === 'here') one.processLocally = true;
  return new Promise((resolve) => {
    one.addEventListener('result', (event) => resolve((event as Heard).results[0]?.[0]?.transcript ?? ''));
    one.addEventListener('error', () => resolve(''));
    one.addEventListener('end', () => resolve(''));
    one.start();
  });
}
