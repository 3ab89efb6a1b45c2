// The page of the two diagrams. It opens them, keeps draft and drawing in step, and offers features their places:
//   workbench.draft, workbench.editor(which), workbench.active, workbench.view
//   workbench.show(view)                       'internal' | 'external' | 'both'
//   workbench.select(which, id, { reveal })    selects an element and, with `reveal`, brings it into view
//   workbench.panel(name, title, { order })    a section of the right-hand side: { body, tab, open(), badge(text) }
//   workbench.tool(label, act, options)        a button in the bar; { group, title, pressed }
//   workbench.on('select', ({ which, element }) => …)   element: bpmn-js element or null (several: the first)
//   workbench.on('edit', ({ which }) => …)     after a change of the drawing, at most every 250 ms
//   workbench.on('load', ({ which, warnings }) => …)    a diagram was read into its editor
//   workbench.on('view' | 'panel', …)
// A feature is a folder beside this file whose index.js exports install(workbench); `order` decides which comes first.
import { fit } from '../diagram/fit.js';
import { build } from './elements.js';
import { Listeners } from './listeners.js';
import { makeEditor } from './modeler/modules.js';

const WHICH = ['internal', 'external'];
const SETTLE = 250;

export class Workbench {
  #listeners = new Listeners();
  #editors = {};
  #panels = new Map();
  #writing = {};
  #broken = new Set();

  constructor(host, draft) {
    this.host = host;
    this.draft = draft;
    this.active = 'internal';
    this.bar = host.querySelector('[data-bar]');
    this.canvases = host.querySelector('[data-canvases]');
  }

  on(name, listener) { return this.#listeners.on(name, listener); }

  get view() { return this.canvases.dataset.view; }

  editor(which) { return this.#editors[which]; }

  /** Make both editors; a diagram is read when it is first seen (the other one at once after it). */
  async open() {
    for (const which of WHICH) {
      const section = this.canvases.querySelector(`[data-canvas="${which}"]`);
      const canvas = build('div', { class: 'canvas' });
      section.append(canvas);
      this.#editors[which] = makeEditor(canvas, which, this);
      this.#follow(which, section);
    }
    for (const button of this.bar.querySelectorAll('[data-view]')) {
      button.addEventListener('click', () => this.show(button.dataset.view));
    }
    this.draft.on('change', ({ path, by }) => {
      const which = WHICH.find((name) => path === `${name}.bpmn`);
      if (which && by !== 'me') this.load(which);
    });
    this.show('internal');
    await this.load('internal');
    await this.load('external');
  }

  /** Read the draft's text into the editor. */
  async load(which) {
    const text = this.draft.text(`${which}.bpmn`);
    const editor = this.#editors[which];
    clearTimeout(this.#writing[which]);
    const section = this.canvases.querySelector(`[data-canvas="${which}"]`);
    section.querySelector('[data-unreadable]')?.remove();
    this.#broken.delete(which);
    try {
      const { warnings } = await editor.importXML(text ?? '');
      if (this.#visible(which)) fit(editor);
      this.#listeners.tell('load', { which, warnings });
    } catch (error) {
      this.#broken.add(which); // what cannot be shown must not be written over
      console.warn('diagram not shown', error.message);
      section.append(build('p', { class: 'empty', data: { unreadable: '' } }, '这幅流程图不能读取，请导入正确的文件，或者在“版本”中恢复以前的内容。'));
      this.#listeners.tell('load', { which, warnings: [error] });
    }
  }

  /** Replace a diagram by another text (import, restore, layout) and draw it. */
  async replace(which, xml) {
    this.draft.set(`${which}.bpmn`, xml);
    await this.load(which);
    this.#listeners.tell('edit', { which });
  }

  show(view) {
    const before = this.view;
    this.canvases.dataset.view = view;
    if (view !== 'both') this.active = view;
    for (const button of this.bar.querySelectorAll('[data-view]')) button.setAttribute('aria-pressed', String(button.dataset.view === view));
    for (const which of WHICH) {
      if (!this.#visible(which) || !this.#editors[which]) continue;
      const canvas = this.#editors[which].get('canvas');
      canvas.resized();
      if (before !== view && this.#editors[which].getDefinitions()) fit(this.#editors[which]);
    }
    this.#listeners.tell('view', { view });
  }

  select(which, id, { reveal = false } = {}) {
    const editor = this.#editors[which];
    const element = editor.get('elementRegistry').get(id);
    if (reveal && !this.#visible(which)) this.show(which);
    editor.get('selection').select(element ?? null);
    if (element && reveal) editor.get('canvas').scrollToElement(element, { top: 80, bottom: 80, left: 80, right: 80 });
    return element ?? null;
  }

  panel(name, title, { order = 0 } = {}) {
    const tabs = this.host.querySelector('[data-panel-tabs]');
    const panels = this.host.querySelector('[data-panels]');
    const count = build('span', { class: 'count', hidden: true });
    const tab = build('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`, 'aria-selected': 'false', tabindex: '-1', data: { order: String(order) }, onclick: () => this.openPanel(name), onkeydown: (event) => this.#turn(event, tab) }, title, count);
    const body = build('div', { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}`, class: 'workbench-panel', tabindex: '0', hidden: true });
    const next = [...tabs.children].find((other) => Number(other.dataset.order) > order);
    tabs.insertBefore(tab, next ?? null);
    panels.append(body);
    this.#panels.set(name, { tab, body });
    if (!next && this.#panels.size > 1) tab.setAttribute('aria-selected', 'false');
    this.openPanel(tabs.firstElementChild.id.slice('tab-'.length));
    return {
      body,
      tab,
      open: () => this.openPanel(name),
      badge: (text) => { count.hidden = !text; count.textContent = text ?? ''; },
    };
  }

  openPanel(name) {
    for (const [other, { tab, body }] of this.#panels) {
      const open = other === name;
      tab.setAttribute('aria-selected', String(open));
      tab.tabIndex = open ? 0 : -1;
      body.hidden = !open;
    }
    this.#listeners.tell('panel', { name });
  }

  tool(label, act, { group = 'tools', title = '', pressed } = {}) {
    let place = this.bar.querySelector(`[data-group="${group}"]`);
    if (!place) this.bar.append(place = build('div', { class: 'bar-group', role: 'group', data: { group } }));
    const button = build('button', { type: 'button', class: 'button small', title, 'aria-pressed': pressed === undefined ? null : String(pressed), onclick: () => act(button) }, label);
    place.append(button);
    return button;
  }

  /** Take what is drawn into the draft now, and save it. */
  async flush(note = '') {
    for (const which of WHICH) await this.#take(which);
    await this.draft.flush(note);
  }

  #follow(which, section) {
    const editor = this.#editors[which];
    editor.on('commandStack.changed', () => {
      clearTimeout(this.#writing[which]);
      this.#writing[which] = setTimeout(() => this.#take(which), SETTLE);
    });
    editor.on('selection.changed', ({ newSelection }) => {
      this.active = which;
      this.#listeners.tell('select', { which, element: newSelection[0] ?? null });
    });
    section.addEventListener('pointerdown', () => { this.active = which; }, true);
    section.addEventListener('focusin', () => { this.active = which; });
  }

  async #take(which) {
    clearTimeout(this.#writing[which]);
    if (this.#broken.has(which) || !this.#editors[which].getDefinitions()) return;
    const { xml } = await this.#editors[which].saveXML({ format: true });
    if (xml === this.draft.text(`${which}.bpmn`)) return;
    this.draft.set(`${which}.bpmn`, xml);
    this.#listeners.tell('edit', { which });
  }

  #visible(which) { return this.view === 'both' || this.view === which; }

  #turn(event, tab) {
    const tabs = [...tab.parentElement.children];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.click();
    next.focus();
  }
}

/** Open the page's workbench and install every feature there is. */
export async function openWorkbench(host, draft, features) {
  const workbench = new Workbench(host, draft);
  const known = Object.values(features).sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  for (const feature of known) feature.prepare?.(workbench);
  const opened = workbench.open();
  for (const feature of known) feature.install?.(workbench);
  await opened;
  host.workbench = workbench;
  host.dispatchEvent(new CustomEvent('workbench:ready', { bubbles: true }));
  return workbench;
}
