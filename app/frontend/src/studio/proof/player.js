// A counter-example step by step: where the case is, which way it came, and what its values are by then. Pure but for
// the clock it is given.
export const SPEEDS = { slow: 1800, normal: 1000, fast: 450 };

/** What is seen at step `n` (-1: before the first): { current, elements, flows, values, set }. */
export function frame(trace, n) {
  const passed = trace.slice(0, Math.max(n, 0));
  const current = trace[n];
  const values = {};
  for (const step of trace.slice(0, n + 1)) for (const word of step.words ?? []) values[name(word)] = word;
  return {
    current: current?.element ?? '',
    elements: [...new Set(passed.map((step) => step.element))].filter((id) => id !== current?.element),
    flows: passed.map((step) => step.flow).filter(Boolean),
    values: Object.values(values),
    set: current?.words ?? [],
  };
}

const name = (word) => word.slice(0, word.indexOf('：'));

export class Player {
  #timer = null;

  /** `show(n, playing)` is called at each step. */
  constructor(trace, show, { later = setTimeout, cancel = clearTimeout } = {}) {
    this.trace = trace;
    this.show = show;
    this.later = (act, wait) => later(act, wait);
    this.cancel = (timer) => cancel(timer);
    this.n = 0;
    this.speed = 'normal';
    this.playing = false;
  }

  get last() { return this.trace.length - 1; }

  go(n) {
    this.pause(false);
    this.#to(n);
  }

  play() {
    if (this.n >= this.last) this.n = 0;
    this.playing = true;
    this.#to(this.n);
    this.#next();
  }

  pause(tell = true) {
    this.cancel(this.#timer);
    this.playing = false;
    if (tell) this.show(this.n, false);
  }

  end() {
    this.cancel(this.#timer);
    this.playing = false;
    this.show = () => {};
  }

  #to(n) {
    this.n = Math.min(Math.max(n, 0), Math.max(this.last, 0));
    this.show(this.n, this.playing);
  }

  #next() {
    this.#timer = this.later(() => {
      if (!this.playing) return;
      if (this.n + 1 >= this.last) this.playing = false;
      this.#to(this.n + 1);
      if (this.playing) this.#next();
    }, SPEEDS[this.speed]);
  }
}
