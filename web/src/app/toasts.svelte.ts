/** Short notices at the foot of the screen, each with at most one thing to do about it. */
export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'good' | 'bad';
  action: { label: string; run: () => unknown } | null;
}

const SHOWN_MS = 7_000;
/** One with an action stays longer: WCAG asks for time enough to reach it. */
const SHOWN_WITH_ACTION_MS = 12_000;

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;

  show(text: string, options: { tone?: Toast['tone']; action?: Toast['action'] } = {}): number {
    const { tone = 'plain', action = null } = options;
    const id = this.#next;
    this.#next += 1;
    // One at a time: an "undo" must always belong to the sentence beside it.
    this.list = [{ id, text, tone, action }];
    setTimeout(() => this.close(id), action === null ? SHOWN_MS : SHOWN_WITH_ACTION_MS);
    return id;
  }
  clear(): void {
    this.list = [];
  }
  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
