// The texts of a draft in this page, and their way to the server: saved shortly after each change, one save at a time,
// never lost. What another person changes meanwhile arrives with the answer to a save.
//
//   const draft = await openDraft(document.querySelector('[data-draft]'));
//   draft.text('rules.yaml'); draft.set('forms/a.json', '…'); draft.set('forms/b.json', null);   // null removes
//   draft.on('change', ({ path, text, by }) => …)   by: 'me' | 'theirs' | 'choice'
//   draft.on('saved' | 'conflict' | 'state', …)
//   draft.gather = async () => …   puts what is drawn but not written down yet into the draft (asked before a save
//                                  and before another's text is taken over); draft.drawn = () => whether there is any
import { Listeners } from './listeners.js';
import { stashOf } from './stash.js';

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
  #server; // the texts as of `#revision`, as far as this page knows
  #revision;
  #pending = new Map();
  #bases = new Map(); // path → the revision this page's text was written on, where another's has come since
  #inFlight = null;
  #doubt = null; // a save whose answer did not arrive: it is sent again as it was, for it may have been carried out
  #timer = null;
  #failures = 0;
  #state = 'saved';

  /** `write(revision, changes, note)` sends a save and answers `{ revision, parts }`. */
  constructor({ revision, parts, editable, write, wait = WAIT }) {
    this.#parts = new Map(Object.entries(parts));
    this.#server = new Map(this.#parts);
    this.#revision = revision;
    this.editable = editable;
    this.write = write;
    this.wait = wait;
    this.conflict = null;
    this.gather = null;
    if (!editable) this.#state = 'readonly';
  }

  on(name, listener) { return this.#listeners.on(name, listener); }

  get revision() { return this.#revision; }
  get state() { return this.#state; }
  get unsaved() { return this.#pending.size > 0 || this.#inFlight !== null || this.#doubt !== null; }

  text(path) { return this.#parts.get(path); }
  has(path) { return this.#parts.has(path); }
  paths(prefix = '', suffix = '') {
    return [...this.#parts.keys()].filter((path) => path.startsWith(prefix) && path.endsWith(suffix)).sort();
  }

  /** What the server does not have yet. */
  get changes() {
    return Object.fromEntries([...(this.#doubt?.batch ?? []), ...(this.#inFlight ?? []), ...this.#pending]);
  }

  /** What the server does not have, by the revision it was written on: to be taken up again by `recover`. */
  get left() {
    return Object.entries(this.changes).map(([path, text]) => ({ path, text, base: this.#base(path) }));
  }

  set(path, text) {
    if (!this.editable || (this.#parts.get(path) ?? null) === text) return;
    this.#put(path, text);
    this.#pending.set(path, text);
    this.#listeners.tell('change', { path, text, by: 'me' });
    if (this.conflict) return; // the person decides first
    this.#enter('waiting');
    this.#later(this.wait);
  }

  /** Take up what an earlier page left unsaved. Where another changed the same meanwhile, the server will say so. */
  recover(left) {
    const news = left.filter(({ path, text }) => (this.#server.get(path) ?? null) !== text);
    for (const { path, text, base } of news) {
      if (base < this.#revision) this.#bases.set(path, base);
      this.set(path, text);
    }
    return news.length;
  }

  /** Save now. Resolves when the server has everything; rejects where it does not take it. */
  async flush(note = '') {
    clearTimeout(this.#timer);
    await this.gather?.();
    if (this.conflict) throw Object.assign(new Error(WORDS.conflict), { code: 'draft_conflict' });
    while (this.#inFlight) await this.settled;
    if (!this.#pending.size && !this.#doubt) return;
    this.settled = this.#save(note);
    await this.settled;
    if ((this.#pending.size || this.#doubt) && !this.conflict) await this.flush(note);
  }

  /** Settle a conflict: `mine` maps each conflicting path to whether the person's own text stands. */
  async choose(mine) {
    await this.gather?.();
    await this.#keepWritten(mine);
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

  /** What was written while the question stood is kept too before the other's text takes its place. */
  async #keepWritten(mine) {
    const { paths, base, sent } = this.conflict;
    const written = paths.filter((path) => !mine[path] && this.#pending.has(path) && this.#pending.get(path) !== sent[path]);
    if (!written.length) return;
    try {
      await this.write(base, Object.fromEntries(written.map((path) => [path, this.#pending.get(path)])), '');
    } catch (error) {
      if (error.code === 'draft_conflict') return; // kept as a revision of its own, as expected
      this.#enter(this.#offline(error) ? 'offline' : 'refused', this.#offline(error) ? '' : error.message);
      throw error;
    }
  }

  #base(path) { return this.#doubt?.batch.has(path) && !this.#bases.has(path) ? this.#doubt.base : this.#bases.get(path) ?? this.#revision; }

  /** What goes with the next save: what is in doubt by itself, then what was written on an older revision. */
  #next(note) {
    if (this.#doubt) return this.#doubt;
    const stale = [...this.#pending.keys()].filter((path) => this.#bases.has(path));
    const base = stale.length ? Math.min(...stale.map((path) => this.#bases.get(path))) : this.#revision;
    const chosen = stale.length ? stale.filter((path) => this.#bases.get(path) === base) : [...this.#pending.keys()];
    return { base, note, batch: new Map(chosen.map((path) => [path, this.#pending.get(path)])) };
  }

  async #save(note) {
    const job = this.#next(note);
    for (const [path, text] of job.batch) if (this.#pending.get(path) === text) this.#pending.delete(path);
    this.#inFlight = job.batch;
    this.#enter('saving');
    try {
      const answer = await this.write(job.base, Object.fromEntries(job.batch), job.note);
      await this.gather?.(); // what is being drawn is not lost to another's text
      this.#inFlight = null;
      this.#doubt = null;
      this.#failures = 0;
      for (const [path, text] of job.batch) {
        this.#remember(path, text);
        this.#bases.delete(path);
      }
      this.#receive(answer);
      this.#enter(this.#pending.size ? 'waiting' : 'saved');
      this.#listeners.tell('saved', { revision: this.#revision });
    } catch (error) {
      await this.gather?.();
      this.#inFlight = null;
      if (this.#offline(error)) this.#doubt = job;
      else {
        this.#doubt = null;
        for (const [path, text] of job.batch) if (!this.#pending.has(path)) this.#pending.set(path, text);
      }
      this.#failed(error, job);
      throw error;
    }
  }

  #offline(error) { return !(error.status >= 400 && error.status < 500 && error.status !== 429); }

  #failed(error, job) {
    if (error.code === 'draft_conflict') {
      const { conflicts, parts, revision } = error.body;
      for (const path of conflicts) {
        this.#bases.delete(path);
        this.#remember(path, parts[path] ?? null);
      }
      this.#receive({ revision, parts });
      this.conflict = { paths: conflicts, theirs: Object.fromEntries(conflicts.map((path) => [path, parts[path]])), base: job.base, sent: Object.fromEntries(job.batch) };
      this.#enter('conflict');
      this.#listeners.tell('conflict', this.conflict);
    } else if (this.#offline(error)) {
      this.#enter('offline');
      this.#later(AGAIN[Math.min(this.#failures, AGAIN.length - 1)]);
      this.#failures += 1;
    } else {
      this.#enter('refused', error.message);
    }
  }

  #receive({ revision, parts }) {
    const before = this.#revision;
    this.#revision = Math.max(revision, before);
    for (const [path, text] of Object.entries(parts ?? {})) {
      if ((this.#server.get(path) ?? null) === text) continue;
      this.#remember(path, text);
      if (this.#pending.has(path)) {
        // written here meanwhile: it goes with the revision it was written on, and the server keeps both
        if (this.#pending.get(path) === text) this.#pending.delete(path);
        else if (!this.#bases.has(path)) this.#bases.set(path, before);
      } else if ((this.#parts.get(path) ?? null) !== text) {
        this.#put(path, text);
        this.#listeners.tell('change', { path, text, by: 'theirs' });
      }
    }
  }

  #remember(path, text) {
    if (text === null) this.#server.delete(path);
    else this.#server.set(path, text);
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
  const { contentUrl, saveUrl, account, draft: id } = host.dataset;
  const { revision, status, parts } = await send(contentUrl);
  const write = (base, changes, note) => send(saveUrl, { revision: base, changes, note });
  const draft = new Draft({ revision, parts, editable: status === 'editing', write });
  const stash = stashOf(`${account}:${id}`);
  const line = host.querySelector('[data-save-state]');
  draft.on('state', ({ state, words }) => {
    if (line) { line.textContent = words; line.dataset.state = state; }
    if (['offline', 'refused', 'conflict'].includes(state)) stash.write(draft.left);
    else if (state === 'saved') stash.drop();
  });
  const { showConflicts } = await import('./conflict.js');
  showConflicts(draft, host.querySelector('[data-conflict]'));
  draft.url = (path) => `${host.dataset.baseUrl}/${path}`;
  draft.post = (path, body, options) => send(draft.url(path), body, options);
  draft.get = (path, options) => send(draft.url(path), undefined, options);
  window.addEventListener('online', () => { if (draft.unsaved && !draft.conflict) draft.flush().catch(() => {}); });
  window.addEventListener('beforeunload', (event) => {
    draft.gather?.(); // done before the page is hidden
    if (draft.unsaved || draft.drawn?.()) event.preventDefault();
  });
  window.addEventListener('pagehide', () => {
    if (!draft.unsaved || !draft.editable) return;
    const { left } = draft;
    stash.write(left);
    // the browser still sends this after the page is gone, as far as it is small
    if (!draft.conflict) send(saveUrl, { revision: Math.min(...left.map(({ base }) => base)), changes: draft.changes, note: '' }, { keepalive: true }).catch(() => {});
  });
  takeUp(draft, stash, host);
  return draft;
}

/** What an earlier page of this person could not save is saved now. */
function takeUp(draft, stash, host) {
  const left = stash.others();
  if (!left.length || !draft.editable) return;
  const count = draft.recover(left);
  stash.dropOthers();
  if (!count) return;
  stash.write(draft.left); // until it is saved
  const told = Object.assign(document.createElement('p'), { className: 'notice ok', textContent: '已找回您上次离开时没有保存的修改，正在重新保存。' });
  told.setAttribute('role', 'status');
  host.querySelector('[data-conflict]').before(told);
}
