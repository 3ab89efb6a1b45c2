// The first-day tour: a few stops over the real pages. Which stops, and whether it is still to be shown, the server says.
import { element } from './element.js';
import { place } from './place.js';

const QUIET = 'xq-tour'; // accounts whose tour this browser need not ask for; `off`: none by itself
const UNDER_WAY = 'xq-tour-at'; // where a tour stands that goes on on another page

/** Whether this browser has to ask the server about an account's tour. */
export function mayAsk(stored, account) {
  return stored !== 'off' && !(stored ?? '').split(' ').includes(account);
}

/** The list of accounts with one more. */
export function withAccount(stored, account) {
  return mayAsk(stored, account) ? `${stored ?? ''} ${account}`.trim() : stored;
}

/** The stops that can be shown on this page, and those that wait on another one. */
export function reachable(stops, find) {
  return stops.filter((stop, index) => stop.page || !stop.at || find(stop.at) || stops.slice(0, index).some((s) => s.page));
}

export function installTour(document, window) {
  const source = document.querySelector('[data-tour]');
  if (!source) return;
  const tour = new Tour(document, window, source);
  document.addEventListener('click', (event) => {
    if (!event.target.closest?.('[data-open-tour]')) return;
    event.target.closest('details.menu')?.removeAttribute('open');
    tour.begin();
  });
  tour.resume();
}

class Tour {
  constructor(document, window, source) {
    Object.assign(this, { document, window, address: source.dataset.tour, account: source.dataset.tourAccount });
    this.at = 0;
  }

  async ask() {
    const response = await fetch(this.address, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
    return response.ok ? response.json() : null;
  }

  /** Go on where a link of the tour led, or offer the tour to somebody who has not seen it. */
  async resume() {
    const { sessionStorage, localStorage } = this.window;
    const waiting = JSON.parse(sessionStorage.getItem(UNDER_WAY) ?? 'null');
    sessionStorage.removeItem(UNDER_WAY);
    if (waiting?.account === this.account) {
      this.show(waiting.stops, waiting.at);
      return;
    }
    if (!mayAsk(localStorage.getItem(QUIET), this.account)) return;
    const told = await this.ask();
    if (!told) return;
    if (!told.pending) this.quiet();
    else if (this.window.location.pathname === told.page) this.offer(told);
  }

  quiet() {
    const { localStorage } = this.window;
    localStorage.setItem(QUIET, withAccount(localStorage.getItem(QUIET), this.account));
  }

  /** Begin at the beginning, on the page where it begins. */
  async begin() {
    const told = await this.ask();
    if (!told) return;
    if (this.window.location.pathname === told.page) this.show(this.here(told.stops), 0);
    else this.leave(told.page, told.stops, 0);
  }

  /** The stops that can be shown, beginning on this page. */
  here(stops) {
    return reachable(stops, (selector) => this.find(selector));
  }

  leave(address, stops, at) {
    const state = JSON.stringify({ account: this.account, stops, at });
    this.window.sessionStorage.setItem(UNDER_WAY, state);
    this.window.location.assign(address);
  }

  /** A small card that asks, and covers nothing. */
  offer(told) {
    const make = (...given) => element(this.document, ...given);
    const card = make('aside', { class: 'tour-offer', 'aria-label': '首日导览' },
      make('p', {}, make('strong', {}, '第一次使用？'), `${told.name}，${told.stops.length} 步，一两分钟。`),
      make('div', { class: 'row' },
        make('button', { type: 'button', class: 'button primary small', 'data-yes': '' }, '开始导览'),
        make('button', { type: 'button', class: 'button small', 'data-no': '' }, '不用了')));
    card.querySelector('[data-yes]').addEventListener('click', () => { card.remove(); this.show(this.here(told.stops), 0); });
    card.querySelector('[data-no]').addEventListener('click', () => { card.remove(); this.note('dismissed'); });
    this.document.querySelector('main').before(card);
  }

  async note(outcome) {
    const token = this.document.querySelector('meta[name="csrf-token"]')?.content ?? '';
    this.quiet();
    await fetch(this.address, { method: 'POST', body: new URLSearchParams({ outcome }), headers: { 'X-CSRF-Token': token }, credentials: 'same-origin' });
  }

  find(selector) {
    return [...this.document.querySelectorAll(selector)].find((element) => element.getClientRects().length > 0);
  }

  show(stops, at) {
    this.stops = at === 0 ? this.here(stops) : stops;
    this.before = this.document.activeElement;
    if (!this.panel) this.build();
    this.go(at, true);
  }

  build() {
    const { document } = this;
    const make = (...given) => element(document, ...given);
    this.spot = make('div', { class: 'tour-spot', 'aria-hidden': 'true' });
    this.panel = make('div', { class: 'tour-panel', role: 'dialog', 'aria-labelledby': 'tour-title', 'aria-describedby': 'tour-text' },
      make('div', { class: 'tour-line' },
        make('h2', { id: 'tour-title', tabindex: '-1' }),
        make('button', { type: 'button', class: 'link-button', 'data-end': '' }, '关闭导览')),
      make('p', { id: 'tour-text' }),
      make('div', { class: 'tour-line' },
        make('span', { class: 'muted small-text', 'data-count': '' }),
        make('span', { class: 'row' },
          make('button', { type: 'button', class: 'button small', 'data-back': '' }, '上一步'),
          make('button', { type: 'button', class: 'button primary small', 'data-on': '' }))));
    this.panel.querySelector('[data-end]').addEventListener('click', () => this.end('dismissed'));
    this.panel.querySelector('[data-back]').addEventListener('click', () => this.back());
    this.panel.querySelector('[data-on]').addEventListener('click', () => this.next());
    this.keys = (event) => this.press(event);
    this.moved = () => this.put();
    this.resized = () => {
      this.target?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      this.put();
    };
    document.body.append(this.spot, this.panel);
    document.addEventListener('keydown', this.keys, true);
    this.window.addEventListener('resize', this.resized);
    this.window.addEventListener('scroll', this.moved, { passive: true });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const onButton = event.target.closest?.('.tour-panel button');
    const act = {
      Escape: () => this.end('dismissed'),
      ArrowRight: () => this.next(),
      ArrowLeft: () => this.back(),
      Enter: onButton ? null : () => this.next(),
    }[event.key];
    const typing = event.target.closest?.('input, textarea, select, [contenteditable="true"]');
    if (!act || (typing && event.key !== 'Escape')) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** Whether a stop has something to show on this page. */
  stands(stop) {
    return !stop.at || Boolean(this.find(stop.at));
  }

  next() {
    const last = this.stops.length - 1;
    let at = this.at + 1;
    while (at < last && !this.stands(this.stops[at]) && !this.stops[at].page) at += 1;
    if (at > last) this.end('finished');
    else this.go(at);
  }

  /** The place of the stop before, -1 where this page shows none. */
  previous() {
    return this.stops.findLastIndex((stop, index) => index < this.at && this.stands(stop));
  }

  back() {
    const at = this.previous();
    if (at >= 0) this.go(at, true);
  }

  go(at, arrived = false) {
    const stop = this.stops[at];
    if (!stop) return;
    if (stop.page && !arrived && !this.stands(stop)) {
      const link = this.find(stop.page);
      if (link) this.leave(link.href, this.stops, at);
      else this.go(this.stops.length - 1, true); // nothing to open: to the last stop
      return;
    }
    this.at = at;
    this.panel.querySelector('h2').textContent = stop.title;
    this.panel.querySelector('#tour-text').textContent = stop.text;
    this.panel.querySelector('[data-count]').textContent = `${at + 1} / ${this.stops.length}`;
    this.panel.querySelector('[data-back]').disabled = this.previous() < 0;
    this.panel.querySelector('[data-on]').textContent = at === this.stops.length - 1 ? '完成' : '下一步';
    this.target = stop.at ? this.find(stop.at) : null;
    this.target?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.put();
    this.panel.querySelector('h2').focus();
  }

  put() {
    place(this.window, this.target, this.spot, this.panel);
  }

  end(outcome) {
    this.document.removeEventListener('keydown', this.keys, true);
    this.window.removeEventListener('resize', this.resized);
    this.window.removeEventListener('scroll', this.moved);
    this.spot.remove();
    this.panel.remove();
    this.panel = null;
    this.before?.focus?.();
    this.note(outcome);
  }
}
