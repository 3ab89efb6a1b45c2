// One task at the scene: its form, photographs, signatures, papers.
import { start as startForm } from '../forms.js';
import { restore } from '../forms/drafts.js';
import { sizeOf, sum } from '../forms/uploads.js';
import { pad } from './pad.js';
import { fill, standing } from './places.js';
import { ask, newKey, pending } from './sync.js';

const SAVE = 400, LAY = 800;
const moment = (text) => new Date(text).toLocaleString('zh-CN', { hour12: false });
const make = (name, text = '', className = '') => Object.assign(document.createElement(name), { textContent: text, className });

function where() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve('');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(`${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}（±${Math.round(coords.accuracy)} 米）`),
      () => resolve(''), { enableHighAccuracy: true, timeout: 8000, maximumAge: 60000 });
  });
}

// What the server rendered, as elements. Nothing in it runs: neither scripts nor handlers (CSP).
const parsed = (html) => [ ...new DOMParser().parseFromString(html, 'text/html').body.childNodes ];

export class TaskView {
  constructor(app, task, box) {
    Object.assign(this, { app, task, box, shown: new Set() });
    this.find = (what) => box.querySelector(`[data-${what}]`) || document.getElementById(what);
  }

  async draw() {
    const { task, box, find } = this;
    find('name').textContent = task.name;
    find('about').textContent = `${task.title} · ${task.no}`;
    find('desk-link').href = `${this.app.urls.work}/${task.id}`;
    for (const [ label, value ] of task.facts) find('facts').append(make('dt', label), make('dd', value));
    this.form = box.querySelector('[data-scene-form]');
    this.form.replaceChildren(...parsed(task.form)); // made and escaped by the server, taken along under encryption
    await this.fill();
    this.capture();
    this.signing();
    this.papers();
    this.demand();
    await this.refresh();
  }

  async fill() {
    const { form, task, app } = this;
    form.dataset.form = '';
    form.removeAttribute('data-draft');
    for (const input of form.querySelectorAll('input[type=file]')) {
      input.disabled = true;
      input.hidden = true;
      input.after(make('p', '照片在上方拍摄，随任务同步后在证据登记中列入清单。', 'field-help'));
    }
    startForm(form);
    for (const status of form.querySelectorAll('[data-draft-status]')) status.remove();
    const draft = await app.store.get(`draft:${task.id}`);
    if (draft?.entries) restore(form.querySelector('[data-form-body]'), draft.entries);
    form.dispatchEvent(new Event('change', { bubbles: true }));
    form.querySelector('[data-form-body]').dispatchEvent(new Event('change', { bubbles: true }));
    const changed = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), SAVE);
    };
    form.addEventListener('input', changed);
    form.addEventListener('change', (event) => event.isTrusted && changed());
    form.addEventListener('click', (event) => event.target.closest('[data-add-row], [data-remove-row]') && changed());
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  /** Save now what waits to be saved. */
  async flush() {
    if (this.timer) await this.save();
  }

  async save() {
    clearTimeout(this.timer);
    this.timer = 0;
    const entries = [ ...new FormData(this.form) ].filter(([ , value ]) => typeof value === 'string');
    const at = new Date().toISOString();
    await this.app.store.change(`draft:${this.task.id}`, (draft) => [ { ...draft, entries, at, dirty: true }, true ]);
    this.find('saved').textContent = `已保存在本机 ${new Date().toLocaleTimeString('zh-CN', { hour12: false })}`;
    this.layPapers();
    await this.count();
  }

  capture() {
    const input = this.find('photo');
    input.addEventListener('change', async () => {
      const files = [ ...input.files ];
      const place = this.find('photo-place').value.trim();
      const at = new Date().toISOString();
      const position = this.find('locate').checked ? await where() : '';
      input.value = '';
      for (const file of files) {
        await this.keep('photo', file, file.name || '照片.jpg', at, { title: '现场照片', place, position });
      }
      await this.refresh();
    });
  }

  async keep(kind, file, name, at, told) {
    const key = newKey();
    const item = { key, kind, at, told, name };
    if (file) {
      const bytes = await file.arrayBuffer();
      Object.assign(item, { type: file.type, size: file.size, digest: await sum(bytes) });
      await this.app.store.put(`bytes:${key}`, bytes);
    }
    await this.app.store.put(`item:${this.task.id}:${key}`, item, { pending: true });
  }

  signing() {
    const glass = pad(this.find('pad'));
    const wrong = (name, text) => {
      this.find(name).textContent = text;
      this.find(name).hidden = !text;
    };
    this.find('sign-clear').addEventListener('click', () => glass.clear());
    this.find('sign-done').addEventListener('click', async () => {
      const name = this.find('sign-name').value.trim();
      if (!name || !glass.signed()) return wrong('sign-error', name ? '请在框内签名。' : '请填写签名人姓名。');
      wrong('sign-error', '');
      const told = { name, role: this.find('sign-role').value.trim() };
      await this.keep('signature', await glass.picture(), `签名-${name}.png`, new Date().toISOString(), told);
      glass.clear();
      this.find('sign-name').value = this.find('sign-role').value = '';
      await this.refresh();
    });
    this.find('refuse').addEventListener('click', async () => {
      const told = {};
      for (const part of [ 'name', 'reason', 'witness' ]) told[part] = this.find(`refuse-${part}`).value.trim();
      if (!Object.values(told).every(Boolean)) return wrong('refuse-error', '请填写拒绝签名的人、理由和见证人。');
      wrong('refuse-error', '');
      await this.keep('refusal', null, '', new Date().toISOString(), told);
      for (const part of [ 'name', 'reason', 'witness' ]) this.find(`refuse-${part}`).value = '';
      await this.refresh();
    });
  }

  papers() {
    const box = this.find('papers');
    box.closest('section').hidden = !this.task.papers.length;
    this.sheets = this.task.papers.map((paper) => {
      const fold = make('details', '', 'inline-fold');
      const sheet = make('article', '', 'scene-paper');
      const body = make('div');
      const told = make('p', '', 'field-help');
      const print = make('button', `打印《${paper.title}》草稿`, 'button small');
      print.type = 'button';
      body.append(...parsed(paper.html)); // the server's own, every text escaped
      sheet.append(make('p', '草稿（未签发，不作为送达文书）', 'watermark'), body, make('div', '', 'scene-signed'));
      told.setAttribute('role', 'status');
      print.addEventListener('click', () => {
        document.body.classList.add('printing');
        fold.classList.add('is-printed');
        window.print();
        document.body.classList.remove('printing');
        fold.classList.remove('is-printed');
      });
      fold.append(make('summary', `《${paper.title}》`), print, told, sheet);
      box.append(fold);
      return { ...paper, body, told, stood: null };
    });
    this.sheets.forEach((sheet) => { sheet.stood = standing(this.form, sheet.fixed); });
    this.fillPapers();
    this.fetchPapers();
  }

  /** With what the device has; where that is not all the platform would print, the paper says so. */
  fillPapers() {
    for (const sheet of this.sheets || []) {
      const whole = fill(sheet.body, this.form, sheet.blanks) && standing(this.form, sheet.fixed) === sheet.stood;
      sheet.told.textContent = whole ? '' : '有的内容此后修改过，联网后按平台的样式重新排出，再阅读和打印。';
    }
  }

  /** After a change: by the platform where there is a network, else with what was taken along. */
  layPapers() {
    if (this.app.token && this.app.online) {
      clearTimeout(this.laying);
      this.laying = setTimeout(() => this.fetchPapers(), LAY);
    } else this.restorePapers();
  }

  /** The papers as they were taken along, with their places. */
  restorePapers() {
    for (const sheet of this.sheets || []) sheet.body.replaceChildren(...parsed(sheet.html));
    this.fillPapers();
  }

  /** With a network the platform itself lays the papers out, as it does on the page of the task. */
  async fetchPapers() {
    clearTimeout(this.laying);
    if (!this.app.token || !this.app.online || !this.sheets?.length) return;
    const given = new FormData();
    for (const [ name, value ] of new FormData(this.form)) if (typeof value === 'string') given.append(name, value);
    const asked = this.laid = {};
    const said = await ask(`${this.app.urls.tasks}/${this.task.id}/papers`, this.app.token, given).catch(() => null);
    if (!said || this.laid !== asked) return;
    for (const sheet of this.sheets) {
      const found = said.papers.find((paper) => paper.code === sheet.code);
      if (!found) continue;
      sheet.body.replaceChildren(...parsed(found.html));
      sheet.told.textContent = '';
    }
  }

  /** What may be made here when it is needed. */
  demand() {
    const papers = this.task.demand || [];
    this.find('demand').closest('section').hidden = !papers.length;
    this.find('demand').replaceChildren(...papers.map((paper) => {
      const line = make('li');
      line.append(Object.assign(make('a', `制作《${paper.title}》`, 'button small'), { href: `#task-${this.task.id}-${paper.code}` }));
      return line;
    }));
  }

  async refresh() {
    const items = (await this.app.store.all(`item:${this.task.id}:`)).sort((a, b) => a.at.localeCompare(b.at));
    const photos = items.filter((item) => item.kind === 'photo');
    const signs = items.filter((item) => item.kind === 'signature' || item.kind === 'refusal');
    this.find('photo-count').textContent = String(photos.length);
    this.find('sign-count').textContent = String(signs.length);
    await this.list(this.find('photos'), photos);
    await this.list(this.find('signs'), signs);
    await this.list(this.find('made'), items.filter((item) => item.kind === 'paper'));
    this.conflicts(items);
    await this.count();
  }

  async list(box, items) {
    const lines = [];
    for (const item of items) {
      const line = make('li');
      const text = make('div');
      const bytes = item.digest && !item.done && await this.app.store.bytes(`bytes:${item.key}`);
      if (bytes) {
        const picture = make('img');
        picture.src = URL.createObjectURL(new Blob([ bytes ], { type: item.type }));
        picture.alt = item.kind === 'photo' ? `照片 ${item.name}` : `${item.told.name}的签名`;
        picture.addEventListener('load', () => URL.revokeObjectURL(picture.src), { once: true });
        line.append(picture);
      } else {
        text.className = 'wide';
      }
      const title = { photo: item.name, signature: `签名：${item.told.name}`, refusal: `拒绝签名：${item.told.name}`, paper: `《${item.name}》` }[item.kind];
      text.append(make('strong', title), make('br'), make('span', `${moment(item.at)}${item.size ? ` · ${sizeOf(item.size)}` : ''}`, 'muted small-text'));
      for (const part of [ 'place', 'position', 'reason', 'witness' ]) {
        const label = { place: '地点', position: '位置', reason: '理由', witness: '见证人' }[part];
        if (item.told[part]) text.append(make('br'), make('span', `${label}：${item.told[part]}`, 'small-text'));
      }
      if (item.digest) text.append(make('br'), Object.assign(make('code', `SHA-256 ${item.digest.slice(0, 16)}…`, 'digest'), { title: item.digest }));
      text.append(make('br'), this.standing(item));
      for (const mark of item.done?.marks || []) text.append(' ', make('span', mark, 'tag warn'));
      if (item.done?.message) text.append(make('br'), make('span', item.done.message, 'small-text'));
      if (item.failed && !item.done) text.append(make('br'), make('span', item.failed, 'field-error'));
      if (item.failed && !item.done && item.kind === 'paper') text.append(make('br'), this.mending(item));
      line.append(text);
      lines.push(line);
    }
    box.replaceChildren(...lines);
  }

  /** What was refused goes back to its form. */
  mending(item) {
    const button = make('button', '修改后重新制作', 'button small');
    button.type = 'button';
    button.addEventListener('click', async () => {
      await this.app.store.put(`paper:${this.task.id}:${item.code}`, { entries: item.entries });
      await this.app.store.drop(`item:${this.task.id}:${item.key}`);
      location.hash = `#task-${this.task.id}-${item.code}`;
    });
    return button;
  }

  standing(item) {
    if (!item.done) return make('span', '未同步', 'tag warn');
    return item.done.state === 'kept' ? make('span', '已保留，未采用', 'tag warn') : make('span', '✓ 已同步', 'tag ok');
  }

  conflicts(items) {
    const box = this.find('conflicts');
    const kept = [ ...items.map((item) => item.done), this.task.kept ].filter((said) => said?.state === 'kept');
    box.replaceChildren();
    if (!kept.length) return;
    const notice = make('div', '', 'notice warn');
    const words = { open: '待办', cosign: '已提交，待协办确认', done: '已办结', cancelled: '已终止' };
    notice.append(make('p'));
    notice.firstChild.append(make('strong', `有 ${kept.length} 项内容与平台上的任务冲突，没有覆盖任何内容。`));
    const list = make('dl', '', 'facts tight');
    for (const why of new Set(kept.map((said) => said.why))) list.append(make('dt', '原因'), make('dd', why));
    const { theirs } = kept.at(-1);
    list.append(make('dt', '本机带走时'), make('dd', `第 ${this.task.version} 版，待办`),
      make('dt', '平台上现在'), make('dd', [ `第 ${theirs.version} 版，${words[theirs.status] || theirs.status}`, theirs.person ].filter(Boolean).join('，')));
    const link = make('a', '在平台上比较两种内容并取用');
    link.href = `${this.app.urls.work}/${this.task.id}/scene`;
    notice.append(list, link);
    box.append(notice);
  }

  async count() {
    const number = await pending(this.app, this.task.id);
    const tag = this.find('pending');
    tag.textContent = number ? `${number} 项未同步` : '全部已同步';
    tag.className = `tag ${number ? 'warn' : 'ok'}`;
  }
}
