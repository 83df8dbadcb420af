/** Whether this form may be spoken into. Asked anew for every form. */
import { dictation, type Dictation } from './dictation';

class Speech {
  where = $state<Dictation>('none');
  /** A voice that leaves the device needs the person's word first. */
  agreed = $state(false);
  get allowed(): boolean {
    return this.where === 'here' || (this.where === 'elsewhere' && this.agreed);
  }
  async look(): Promise<void> {
    this.agreed = false;
    this.where = await dictation();
  }
}
export const speech = new Speech();
