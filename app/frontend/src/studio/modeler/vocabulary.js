// What the server says a diagram may speak of: legal steps, positions, forms, documents, attributes, actions.
import { Listeners } from '../listeners.js';

const EMPTY = { steps: [], positions: [], forms: [], documents: [], attributes: {}, actions: [], called: [], unread: [] };

export class Vocabulary {
  #listeners = new Listeners();

  constructor(draft) {
    Object.assign(this, EMPTY);
    this.draft = draft;
    this.ready = this.load();
    draft.on('change', ({ path, by }) => {
      if (by !== 'me' && (!path.endsWith('.bpmn') || path.startsWith('called/'))) this.load();
    });
  }

  on(name, listener) { return this.#listeners.on(name, listener); }

  async load() {
    try {
      Object.assign(this, await this.draft.get('vocabulary'));
      this.failed = '';
    } catch (error) {
      this.failed = error.message;
    }
    this.#listeners.tell('change', this);
  }

  step(tag) {
    for (const { steps } of this.steps) {
      const found = steps.find((step) => step.tag === tag);
      if (found) return found;
    }
    return null;
  }

  stepName(tag) { return this.step(tag)?.name ?? tag; }

  /** A sub-procedure that can be called. */
  callable(key) { return this.called.find((each) => each.key === key) ?? null; }

  position(key) { return this.positions.find((position) => position.key === key) ?? null; }
}
