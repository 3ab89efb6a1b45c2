import { build } from '../elements.js';
import { partName } from '../names.js';
import { SEVERITIES, filtered, grouped, verdict } from './findings.js';

/** The list of findings: verdict, filter, one button a finding, and beneath the chosen one its way. */
export class Panel {
  #findings = [];
  #chosen = null;

  constructor(workbench, { choose, trace }) {
    const place = workbench.panel('proof', '证明', { order: 20 });
    Object.assign(this, { place, choose_: choose, trace });
    this.rulesUrl = document.querySelector('[data-draft]').dataset.lawUrl;
    this.verdict = build('p', { class: 'proof-verdict', role: 'status', 'aria-live': 'polite' }, '正在证明……');
    this.note = build('p', { class: 'hint', hidden: true });
    this.severity = build('select', { 'aria-label': '显示哪些问题', onchange: () => this.#list() },
      build('option', { value: '' }, '全部'), ...Object.entries(SEVERITIES).map(([value, { name }]) => build('option', { value }, name)));
    this.text = build('input', { type: 'search', placeholder: '按文字或规则编号查找', 'aria-label': '查找问题', oninput: () => this.#list() });
    const move = (words, by) => build('button', { type: 'button', class: 'button small', onclick: () => this.step(by) }, words);
    this.tools = build('div', { class: 'proof-tools', hidden: true },
      build('div', { class: 'proof-filter' }, this.severity, this.text),
      build('div', { class: 'proof-moves' }, move('上一处', -1), move('下一处', 1), build('span', { class: 'hint' }, '快捷键 F8、Shift+F8')));
    this.list = build('div', { class: 'proof-list', onkeydown: (event) => this.#turn(event) });
    place.body.append(this.verdict, this.note, this.tools, this.list);
  }

  open() { this.place.open(); }

  /** How the question stands; what was told last stays to be read. */
  state(state, message) {
    this.place.body.dataset.state = state;
    this.note.hidden = state !== 'failed';
    if (state === 'failed') this.note.textContent = message;
    this.list.setAttribute('aria-busy', String(state === 'asking'));
  }

  show(account, findings, chosen) {
    this.#findings = findings;
    this.#chosen = chosen;
    const { state, sign, words } = verdict(account);
    this.verdict.dataset.verdict = state;
    this.verdict.replaceChildren(build('span', { 'aria-hidden': 'true', class: 'proof-verdict-sign' }, sign), words);
    const grave = findings.filter(({ severity }) => severity === 'block').length || findings.filter(({ severity }) => severity === 'unproven').length;
    this.place.badge(grave ? String(grave) : account.proven ? '✔' : '');
    this.tools.hidden = !findings.length;
    this.#list();
  }

  choose(finding) {
    this.#chosen = finding;
    this.#list();
    const item = this.list.querySelector('[aria-expanded="true"]')?.parentElement;
    const box = this.list.closest('[data-panels]'); // only the panel moves, not the page
    if (item) box.scrollTop += item.getBoundingClientRect().top - box.getBoundingClientRect().top;
  }

  /** Choose the next finding of those shown, or the one before. */
  step(by) {
    const shown = this.#shown();
    if (!shown.length) return;
    const now = shown.findIndex((finding) => finding.number === this.#chosen?.number);
    const next = now < 0 ? (by > 0 ? 0 : shown.length - 1) : (now + by + shown.length) % shown.length;
    this.choose_(shown[next]);
    this.list.querySelector('[aria-expanded="true"]')?.focus({ preventScroll: true });
  }

  #shown() { return filtered(this.#findings, { severity: this.severity.value, text: this.text.value }); }

  #list() {
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.finding : null;
    const shown = this.#shown();
    this.trace.element.remove(); // it is moved, not made anew: what plays goes on
    this.list.replaceChildren(...grouped(shown).map((group) => build('section', { 'aria-label': group.name },
      build('h3', {}, build('span', { 'aria-hidden': 'true', class: `proof-group ${group.severity}` }, group.sign), ` ${group.name}（${group.findings.length}）`),
      build('ol', {}, ...group.findings.map((finding) => this.#item(finding))))));
    if (!shown.length && this.#findings.length) this.list.append(build('p', { class: 'hint' }, '没有符合条件的问题。'));
    if (focused) this.list.querySelector(`[data-finding="${focused}"]`)?.focus();
  }

  #item(finding) {
    const chosen = finding.number === this.#chosen?.number;
    const button = build('button', {
      type: 'button', class: 'proof-finding', 'aria-expanded': String(chosen), data: { finding: String(finding.number), rule: finding.rule },
      onclick: () => this.choose_(chosen ? null : finding),
    }, build('span', { class: `proof-number ${finding.severity}` }, String(finding.number)), build('span', {}, finding.message));
    const rule = finding.page
      ? build('a', { href: `${this.rulesUrl}/${finding.page}`, target: '_blank', rel: 'noopener' }, `${finding.page} ${finding.title}`)
      : build('span', {}, finding.title || finding.rule);
    const where = finding.diagram && finding.elements.length ? null : build('span', {}, partName(finding.path));
    const foot = build('p', { class: 'proof-foot' }, rule, finding.cite && build('span', {}, finding.cite), where);
    return build('li', {}, button, foot, chosen && this.trace.element);
  }

  #turn(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !event.target.matches('[data-finding]')) return;
    event.preventDefault();
    const all = [...this.list.querySelectorAll('[data-finding]')];
    all[all.indexOf(event.target) + by]?.focus();
  }
}
