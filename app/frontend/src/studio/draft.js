// The texts of a draft in this page, and their way to the server: saved shortly after each change, one save at a time,
// never lost. What another person changes meanwhile arrives with the answer to a save.
//
//   const draft = await openDraft(document.querySelector('[data-draft]'));
//   draft.text('rules.yaml'); draft.set('forms/a.json', '…'); draft.set('forms/b.json', null);   // null removes
//   draft.on('change', ({ path, text, by }) => …)   by: 'me' | 'theirs' | 'choice'
//   draft.on('saved' | 'conflict' | 'state', …)
import { Listeners } from './listeners.js';

const WAIT = 800;
const AGAIN = [2000, 5000, 15000];
const WORDS = {
  saved: '已保存',
  waiting: '有未保存的修改',
  saving: '正在保存……',
  offline: '暂时无法保存，修改保留在本页，正在重试……',
  refused: '没有保存：',
  conflict: '没有保存：另一位分析人员修改了同一内容',
  readonly: '只读',
};

/** Send and receive JSON; an answer that is no success becomes an error with `status`, `code`, `message`, `body`. */
export async function send(url, body, { signal, keepalive = false } = {}) {
  const options = { credentials: 'same-origin', headers: { Accept: 'application/json' }, signal, keepalive };
  if (body !== undefined) {
    options.method = 'POST';
    options.headers['Content-Type'] = 'application/json';
    options.headers['X-CSRF-Token'] = document.querySelector('meta[name="csrf-token"]')?.content ?? '';
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(url, options);
  const found = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {};
  if (!answer.ok) {
    const message = found.message ?? '服务器没有给出可用的答复，请稍后再试。';
    throw Object.assign(new Error(message), { status: answer.status, code: found.code ?? '', body: found });
  }
  return found;
}

export class Draft {
  #listeners = new Listeners();
  #parts;
  #revision;
  #pending = new Map();
  #inFlight = null;
  #timer = null;
  #failures = 0;
  #state = 'saved';

  /** `write(revision, changes, note)` sends a save and answers `{ revision, parts }`. */
  constructor({ revision, parts, editable, write, wait = WAIT }) {
    this.#parts = new Map(Object.entries(parts));
    this.#revision = revision;
    this.editable = editable;
    this.write = write;
    this.wait = wait;
    this.conflict = null;
    if (!editable) this.#state = 'readonly';
  }

  on(name, listener) { return this.#listeners.on(name, listener); }

  get revision() { return this.#revision; }
  get state() { return this.#state; }
  get unsaved() { return this.#pending.size > 0 || this.#inFlight !== null; }

  text(path) { return this.#parts.get(path); }
  has(path) { return this.#parts.has(path); }
  paths(prefix = '', suffix = '') {
    return [...this.#parts.keys()].filter((path) => path.startsWith(prefix) && path.endsWith(suffix)).sort();
  }

  /** What the server does not have yet. */
  get changes() { return { ...Object.fromEntries(this.#inFlight ?? []), ...Object.fromEntries(this.#pending) }; }

  set(path, text) {
    if (!this.editable || (this.#parts.get(path) ?? null) === text) return;
    this.#put(path, text);
    this.#pending.set(path, text);
    this.#listeners.tell('change', { path, text, by: 'me' });
    if (this.conflict) return; // the person decides first
    this.#enter('waiting');
    this.#later(this.wait);
  }

  /** Save now. Resolves when the server has everything; rejects where it does not take it. */
  async flush(note = '') {
    clearTimeout(this.#timer);
    if (this.conflict) throw Object.assign(new Error(WORDS.conflict), { code: 'draft_conflict' });
    while (this.#inFlight) await this.settled;
    if (!this.#pending.size) return;
    this.settled = this.#save(note);
    await this.settled;
    if (this.#pending.size && !this.conflict) await this.flush();
  }

  /** Settle a conflict: `mine` maps each conflicting path to whether the person's own text stands. */
  async choose(mine) {
    const { paths, theirs } = this.conflict;
    this.conflict = null;
    for (const path of paths) {
      if (mine[path]) continue;
      this.#pending.delete(path);
      this.#put(path, theirs[path] ?? null);
      this.#listeners.tell('change', { path, text: theirs[path] ?? null, by: 'choice' });
    }
    this.#listeners.tell('conflict', null);
    this.#enter(this.#pending.size ? 'waiting' : 'saved');
    await this.flush();
  }

  async #save(note) {
    this.#inFlight = new Map(this.#pending);
    this.#pending.clear();
    this.#enter('saving');
    try {
      const answer = await this.write(this.#revision, Object.fromEntries(this.#inFlight), note);
      this.#inFlight = null;
      this.#failures = 0;
      this.#receive(answer);
      this.#enter(this.#pending.size ? 'waiting' : 'saved');
      this.#listeners.tell('saved', { revision: this.#revision });
    } catch (error) {
      for (const [path, text] of this.#inFlight ?? []) if (!this.#pending.has(path)) this.#pending.set(path, text);
      this.#inFlight = null;
      this.#failed(error);
      throw error;
    }
  }

  #failed(error) {
    if (error.code === 'draft_conflict') {
      const { conflicts, parts, revision } = error.body;
      this.#receive({ revision, parts }, new Set(conflicts));
      this.conflict = { paths: conflicts, theirs: Object.fromEntries(conflicts.map((path) => [path, parts[path]])) };
      this.#enter('conflict');
      this.#listeners.tell('conflict', this.conflict);
    } else if (error.status >= 400 && error.status < 500 && error.status !== 429) {
      this.#enter('refused', error.message);
    } else {
      this.#enter('offline');
      this.#later(AGAIN[Math.min(this.#failures, AGAIN.length - 1)]);
      this.#failures += 1;
    }
  }

  #receive({ revision, parts }, except = new Set()) {
    this.#revision = revision;
    for (const [path, text] of Object.entries(parts ?? {})) {
      // what this page changed while the save was under way meets the other's change at the next save
      if (except.has(path) || this.#pending.has(path) || (this.#parts.get(path) ?? null) === text) continue;
      this.#put(path, text);
      this.#listeners.tell('change', { path, text, by: 'theirs' });
    }
  }

  #put(path, text) {
    if (text === null) this.#parts.delete(path);
    else this.#parts.set(path, text);
  }

  #later(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush().catch(() => {}), milliseconds);
  }

  #enter(state, detail = '') {
    this.#state = state;
    this.#listeners.tell('state', { state, words: WORDS[state] + detail });
  }
}

/** The draft of this page, with its line of state and its question in a conflict. */
export async function openDraft(host) {
  const { contentUrl, saveUrl } = host.dataset;
  const { revision, status, parts } = await send(contentUrl);
  const write = (base, changes, note) => send(saveUrl, { revision: base, changes, note });
  const draft = new Draft({ revision, parts, editable: status === 'editing', write });
  const line = host.querySelector('[data-save-state]');
  if (line) draft.on('state', ({ state, words }) => { line.textContent = words; line.dataset.state = state; });
  const { showConflicts } = await import('./conflict.js');
  showConflicts(draft, host.querySelector('[data-conflict]'));
  draft.url = (path) => `${host.dataset.baseUrl}/${path}`;
  draft.post = (path, body, options) => send(draft.url(path), body, options);
  draft.get = (path, options) => send(draft.url(path), undefined, options);
  window.addEventListener('beforeunload', (event) => {
    if (draft.unsaved) event.preventDefault();
  });
  window.addEventListener('pagehide', () => {
    // the browser still sends this after the page is gone, as far as it is small
    if (draft.unsaved && draft.editable && !draft.conflict) send(saveUrl, { revision: draft.revision, changes: draft.changes, note: '' }, { keepalive: true }).catch(() => {});
  });
  return draft;
}
