/**
 * Dossier codes in the two printed forms: `000.00.12.H08-240310-0007` (TT 01/2018/TT-VPCP art. 19) and the newer
 * `H08.12-240310-0007`. Never required, but a malformed one would count a dossier twice or not at all.
 */
const FORMS = /^(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}\.\d{2})-(\d{2})(\d{2})(\d{2})-\d{4}$/;

/** Upper case, ordinary hyphens, no spaces: what the paper says, as the server stores it. */
export const tidyDossierCode = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s+/g, '')
    .toUpperCase();

export function isDossierCode(text: string): boolean {
  const found = FORMS.exec(tidyDossierCode(text));
  if (found === null) return false;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(2000 + year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
