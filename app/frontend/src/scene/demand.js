// A document made on demand, filled in at the scene on its own form; the platform makes and numbers it when there is a network.
import { start as startForm } from '../forms.js';
import { restore } from '../forms/drafts.js';
import { newKey } from './sync.js';

const parsed = (html) => [ ...new DOMParser().parseFromString(html, 'text/html').body.childNodes ];

export class PaperView {
  constructor(app, task, paper, box) {
    Object.assign(this, { app, task, paper, box, id: `paper:${task.id}:${paper.code}` });
    this.find = (what) => box.querySelector(`[data-${what}]`);
  }

  async draw() {
    const { task, paper, find, app } = this;
    find('name').textContent = `制作《${paper.title}》`;
    find('about').textContent = `${task.title} · ${task.no}`;
    find('back').href = `#task-${task.id}`;
    this.form = find('paper-form');
    this.form.replaceChildren(...parsed(paper.form)); // made and escaped by the server, taken along under encryption
    this.form.dataset.form = '';
    this.form.removeAttribute('data-draft');
    startForm(this.form);
    for (const status of this.form.querySelectorAll('[data-draft-status]')) status.remove();
    const draft = await app.store.get(this.id);
    if (draft?.entries) restore(this.form.querySelector('[data-form-body]'), draft.entries);
    this.form.querySelector('[data-form-body]').dispatchEvent(new Event('change', { bubbles: true }));
    const keep = () => app.store.put(this.id, { entries: this.entries() });
    this.form.addEventListener('input', keep);
    this.form.addEventListener('change', (event) => event.isTrusted && keep());
    this.form.addEventListener('submit', (event) => event.preventDefault());
    find('make').addEventListener('click', () => this.make());
  }

  entries() {
    return [ ...new FormData(this.form) ].filter(([ , value ]) => typeof value === 'string');
  }

  async make() {
    const { app, task, paper } = this;
    const item = {
      key: newKey(), kind: 'paper', at: new Date().toISOString(), told: {}, name: paper.title, code: paper.code,
      entries: this.entries()
    };
    await app.store.put(`item:${task.id}:${item.key}`, item, { pending: true });
    await app.store.drop(this.id);
    location.hash = `#task-${task.id}`;
    if (app.online) await app.sync(task.id);
  }
}
