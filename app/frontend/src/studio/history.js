// Undo and redo of a page's own state. States are values; a change that continues the one before it (typing on in the
// same place) is one step.
const TOGETHER = 1500;
const MOST = 200;

export class History {
  #past = [];
  #future = [];
  #tag = '';
  #at = 0;

  constructor(present) { this.present = present; }

  get canUndo() { return this.#past.length > 0; }
  get canRedo() { return this.#future.length > 0; }

  /** The next state. Changes with the same `tag` soon after one another are one step. */
  enter(state, tag = '', now = Date.now()) {
    const goesOn = tag && tag === this.#tag && now - this.#at < TOGETHER;
    if (!goesOn) this.#past = [...this.#past.slice(1 - MOST), this.present];
    this.#future = [];
    this.#tag = tag;
    this.#at = now;
    this.present = state;
  }

  undo() { return this.#step(this.#past, this.#future); }
  redo() { return this.#step(this.#future, this.#past); }

  /** Begin anew with what somebody else wrote: there is nothing of one's own to take back. */
  replace(state) {
    this.#past = [];
    this.#future = [];
    this.#tag = '';
    this.present = state;
  }

  #step(from, to) {
    if (!from.length) return false;
    to.push(this.present);
    this.present = from.pop();
    this.#tag = '';
    return true;
  }
}
