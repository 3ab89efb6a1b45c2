// Asks for a proof again after each change; the newest question wins, older ones are given up.
const AGAIN = 4000;

export class Asking {
  #running = null;
  #timer = null;

  /** `ask(signal)` answers an account; `tell({ state, account, message })` says how it stands. */
  constructor(ask, tell, { wait = 30, later = setTimeout, cancel = clearTimeout } = {}) {
    Object.assign(this, { ask, tell, wait });
    this.later = (act, ms) => later(act, ms);
    this.cancel = (timer) => cancel(timer);
  }

  /** Something was changed. */
  soon(wait = this.wait) {
    this.cancel(this.#timer);
    this.#timer = this.later(() => this.now(), wait);
  }

  async now() {
    this.cancel(this.#timer);
    this.#running?.abort();
    const running = this.#running = new AbortController();
    this.tell({ state: 'asking' });
    try {
      const account = await this.ask(running.signal);
      if (this.#running === running) this.tell({ state: 'told', account });
    } catch (error) {
      if (this.#running !== running || error.name === 'AbortError') return;
      const lasting = error.status >= 400 && error.status < 500;
      this.tell({ state: 'failed', message: error.status ? error.message : '暂时连不上服务器，正在重试……' });
      if (!lasting) this.soon(AGAIN);
    }
  }
}
