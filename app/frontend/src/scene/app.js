// The page as a whole: who is here, what was taken along, what may be taken, and the network coming and going.
import { CHANNEL, Store, possible } from './store.js';
import { Refused, SignedOut, ask, bring, pending } from './sync.js';
import { PaperView } from './demand.js';
import { TaskView } from './task.js';

const HOURS = 12;

class App {
  constructor(root) {
    this.root = root;
    this.urls = { state: root.dataset.state, tasks: root.dataset.tasks, work: root.dataset.work };
    this.net = document.querySelector('[data-net]');
    this.messages = root.querySelector('[data-messages]');
    this.view = root.querySelector('[data-view]');
    this.open = [];
    this.token = '';
  }

  say(text, tone = '') {
    const line = Object.assign(document.createElement('p'), { textContent: text });
    const box = Object.assign(document.createElement('div'), { className: `notice ${tone}` });
    box.append(line);
    this.messages.replaceChildren(...(text ? [ box ] : []));
    return box;
  }

  /** Ask who is here; the store opens for that account. Without a network it opens for who was here last. */
  async meet() {
    try {
      const before = Date.now();
      const state = await ask(this.urls.state);
      const middle = (before + Date.now()) / 2;
      Object.assign(this, { token: state.token, open: state.tasks, online: true });
      this.offset = Math.round(Date.parse(state.now) - middle);
      this.store = await Store.of(state.account, state.name, Date.now() + HOURS * 3600000);
      this.net.textContent = `● 已联网 ${state.name}`;
    } catch (error) {
      this.token = '';
      this.online = false;
      if (error instanceof SignedOut) {
        this.store = null;
        this.net.textContent = '○ 未登录';
        return;
      }
      if (!this.store) {
        const away = await Store.away();
        this.store = away?.store;
        this.name = away?.name;
      }
      this.net.textContent = '○ 没有网络';
    }
  }

  async start() {
    if (!possible()) {
      this.say('这台设备的浏览器不能加密保存内容（需要 HTTPS 和较新的浏览器），现场办案不可用。请在工作台办理。', 'danger');
      return;
    }
    await this.meet();
    if (this.online) this.keepShell();
    window.addEventListener('online', () => this.back());
    window.addEventListener('offline', () => {
      this.online = false;
      this.net.textContent = '○ 没有网络';
    });
    window.addEventListener('hashchange', () => this.route());
    new BroadcastChannel(CHANNEL).addEventListener('message', () => {
      this.store?.database.close();
      location.replace('/');
    });
    this.installing();
    await this.route();
    if (this.online) await this.syncAll();
  }

  keepShell() {
    navigator.serviceWorker?.register(this.root.dataset.worker, { scope: '/scene/' }).catch(() => {
      this.say('离线页面没有保存成功，请在联网时重新打开本页。', 'warn');
    });
  }

  installing() {
    window.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.prompt = event;
      const button = this.view.querySelector('[data-install]');
      if (button) button.hidden = false;
    });
  }

  async back() {
    await this.meet();
    if (!this.online) return;
    await this.syncAll();
  }

  async route() {
    if (!this.store) {
      const box = this.say(this.online === false && this.net.textContent.includes('未登录') ? '登录已结束。本机加密保存的内容在您重新登录后可以继续。'
        : '没有网络，本机也没有可以打开的内容。请联网登录后带走任务。', 'warn');
      const link = Object.assign(document.createElement('a'), { href: '/sign-in?next=/scene/', textContent: '登录' });
      box.append(link);
      this.view.replaceChildren();
      return;
    }
    const [ , number, code ] = /^#task-(\d+)(?:-([A-Z]+-\d+))?$/.exec(location.hash) || [];
    const task = number && await this.store.get(`task:${Number(number)}`);
    const paper = task?.demand?.find((one) => one.code === code);
    await (paper ? this.showPaper(task, paper) : task ? this.showTask(task) : this.showList());
  }

  fresh(name) {
    this.view.replaceChildren(document.getElementById(name).content.cloneNode(true));
    return this.view;
  }

  async showList() {
    this.current = null;
    const view = this.fresh('list');
    const taken = await this.store.all('task:');
    const list = view.querySelector('[data-taken]');
    for (const task of taken) {
      const count = await pending(this, task.id);
      const line = this.line(task, count ? `${count} 项未同步` : '已同步', count ? 'warn' : 'ok');
      const link = Object.assign(document.createElement('a'), { className: 'button primary', href: `#task-${task.id}`, textContent: '打开' });
      link.setAttribute('aria-label', `打开${task.name}，${task.title}`);
      line.append(link);
      list.append(line);
    }
    view.querySelector('[data-none-taken]').hidden = taken.length > 0;
    const here = new Set(taken.map((task) => task.id));
    const open = this.open.filter((task) => !here.has(task.id));
    for (const task of open) {
      const line = this.line(task, task.due ? `${task.due} 到期` : '', '');
      const button = Object.assign(document.createElement('button'), { type: 'button', className: 'button', textContent: '带走' });
      button.setAttribute('aria-label', `带走${task.name}，${task.title}`);
      button.addEventListener('click', () => this.take(task.id, button));
      line.append(button);
      view.querySelector('[data-open]').append(line);
    }
    const none = view.querySelector('[data-none-open]');
    none.hidden = open.length > 0;
    none.textContent = this.online ? '没有其他可以带到现场的待办任务。' : '联网后显示可以带走的任务。';
    view.querySelector('[data-sync-all]').addEventListener('click', () => this.syncAll(true));
    const install = view.querySelector('[data-install]');
    install.hidden = !this.prompt;
    install.addEventListener('click', () => this.prompt?.prompt());
  }

  line(task, tag, tone) {
    const line = Object.assign(document.createElement('li'), { className: 'row between' });
    const what = document.createElement('div');
    const name = Object.assign(document.createElement('strong'), { textContent: task.name });
    const about = Object.assign(document.createElement('span'), { className: 'muted small-text', textContent: `${task.title} · ${task.no}` });
    what.append(name, document.createElement('br'), about);
    if (tag) what.append(' ', Object.assign(document.createElement('span'), { className: `tag ${tone}`, textContent: tag }));
    line.append(what);
    return line;
  }

  async take(id, button) {
    button.disabled = true;
    try {
      const task = await ask(`${this.urls.tasks}/${id}`, this.token);
      task.offset_ms = this.offset;
      await this.store.put(`task:${id}`, task);
      location.hash = `#task-${id}`;
    } catch (error) {
      button.disabled = false;
      this.say(error instanceof Refused ? error.message : '没有带走，请检查网络后再试。', 'danger');
    }
  }

  async showTask(task) {
    this.say('');
    const view = this.fresh('task');
    this.current = new TaskView(this, task, view);
    view.querySelector('[data-back]').addEventListener('click', (event) => {
      event.preventDefault();
      location.hash = '';
    });
    view.querySelector('[data-sync]').addEventListener('click', () => this.sync(task.id));
    view.querySelector('[data-remove]').addEventListener('click', () => this.remove(task.id));
    await this.current.draw();
    view.querySelector('[data-name]').focus();
    window.scrollTo(0, 0);
  }

  async showPaper(task, paper) {
    this.say('');
    this.current = null;
    const view = this.fresh('paper');
    await new PaperView(this, task, paper, view).draw();
    view.querySelector('[data-name]').focus();
    window.scrollTo(0, 0);
  }

  async sync(id) {
    const status = () => this.current?.task.id === id ? this.view.querySelector('[data-synced]') : null;
    const tell = (text) => { if (status()) status().textContent = text; };
    const task = this.current?.task.id === id ? this.current.task : await this.store.get(`task:${id}`);
    if (this.current?.task.id === id) await this.current.flush();
    if (!this.token) await this.meet();
    if (!this.online) return tell('没有网络，联网后再同步。内容都保存在本机。');
    try {
      tell('正在同步……');
      const answers = await bring(this, task, (item, part) => tell(`正在上传${item.name}：${Math.round(part * 100)}%`));
      const kept = answers.filter((one) => one.state === 'kept').length;
      const refused = answers.filter((one) => one.state === 'refused').length;
      if (refused) tell(`有 ${refused} 份文书没有制作，原因写在文书下面，内容仍保存在本机。`);
      else tell(kept ? `已同步 ${answers.length} 项，其中 ${kept} 项因任务有变化另行保留。` : answers.length ? `已同步 ${answers.length} 项。` : '没有需要同步的内容。');
    } catch (error) {
      if (error instanceof SignedOut) tell('登录已结束，请重新登录后再同步。内容都保存在本机。');
      else tell(error instanceof Refused ? `${error.message} 内容仍保存在本机。` : '同步中断，内容都保存在本机，联网后会继续。');
      if (error instanceof SignedOut) this.token = '';
    }
    if (this.current?.task.id === id) {
      this.current.task = task;
      await this.current.refresh();
    }
  }

  async syncAll(asked = false) {
    if (!this.store) return;
    for (const task of await this.store.all('task:')) {
      if (await pending(this, task.id)) await this.sync(task.id);
    }
    if (!this.current) await this.showList();
    if (asked) this.say(this.online ? '同步完成。' : '没有网络，联网后再同步。', this.online ? 'ok' : 'warn');
  }

  async remove(id) {
    const count = await pending(this, id);
    const sure = await this.asks(count ? `还有 ${count} 项内容没有同步，移除后不能找回。确定移除吗？` : '从本机移除这项任务？平台上的任务不受影响。');
    if (!sure) return;
    for (const item of await this.store.all(`item:${id}:`)) {
      await this.store.drop(`bytes:${item.key}`);
      await this.store.drop(`item:${id}:${item.key}`);
    }
    const task = await this.store.get(`task:${id}`);
    for (const paper of task?.demand || []) await this.store.drop(`paper:${id}:${paper.code}`);
    await this.store.drop(`draft:${id}`);
    await this.store.drop(`task:${id}`);
    location.hash = '';
  }

  asks(text) {
    const dialog = document.getElementById('ask');
    dialog.querySelector('[data-ask-text]').textContent = text;
    dialog.showModal();
    return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
  }
}

export const start = (root) => new App(root).start();
