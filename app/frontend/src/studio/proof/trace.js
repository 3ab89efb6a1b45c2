import { build } from '../elements.js';
import { Marking } from '../marking.js';
import { Player, SPEEDS, frame } from './player.js';

const SPEED_WORDS = { slow: '慢', normal: '正常', fast: '快' };
const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** The way of a counter-example: a list of steps, and the same on the diagram with the values as they are set. */
export class Trace {
  #player = null;
  #finding = null;

  constructor(workbench) {
    this.workbench = workbench;
    this.marks = Object.fromEntries(['internal', 'external'].map((which) => [which, new Marking(workbench.editor(which), 'trace')]));
    this.element = build('div', { class: 'trace', hidden: true });
  }

  open(finding) {
    const same = finding && this.#finding && JSON.stringify(finding.trace) === JSON.stringify(this.#finding.trace) && !this.element.hidden;
    this.#finding = finding;
    if (same) return;
    this.close();
    this.#finding = finding;
    if (!finding?.trace.length) return;
    this.element.hidden = false;
    this.#player = new Player(finding.trace, (n, playing) => this.#show(n, playing));
    this.#build(finding);
    if (still()) this.#player.go(finding.trace.length - 1);
    else this.#player.play();
  }

  close() {
    this.#player?.end();
    this.#player = null;
    this.#finding = null;
    this.element.hidden = true;
    this.element.replaceChildren();
    for (const marks of Object.values(this.marks)) if (marks.viewer.getDefinitions()) marks.clear();
  }

  /** After the diagram was read again. */
  redraw() { if (this.#player) this.#draw(this.#player.n); }

  #build(finding) {
    const act = (words, label, doing) => build('button', { type: 'button', class: 'button small', 'aria-label': label, title: label, onclick: doing }, words);
    const player = this.#player;
    this.play = act('▶ 播放', '播放反例', () => (player.playing ? player.pause() : player.play()));
    this.speed = build('select', { 'aria-label': '播放速度', onchange: () => { player.speed = this.speed.value; } },
      ...Object.keys(SPEEDS).map((value) => build('option', { value, selected: value === 'normal' }, SPEED_WORDS[value])));
    this.steps = build('ol', { class: 'trace-steps' }, ...finding.trace.map((step, n) => build('li', {},
      build('button', { type: 'button', onclick: () => player.go(n) }, this.#name(finding, step)),
      ...(step.words ?? []).map((word) => build('small', {}, word)))));
    this.values = build('p', { class: 'trace-values' });
    this.element.replaceChildren(
      build('h4', {}, '反例：这样的案件会走到这里'),
      build('div', { class: 'trace-acts', role: 'group', 'aria-label': '反例的播放' },
        act('从头', '从头', () => player.go(0)), act('上一步', '上一步', () => player.go(player.n - 1)),
        !still() && this.play, act('下一步', '下一步', () => player.go(player.n + 1)), !still() && this.speed),
      this.values, this.steps);
  }

  #name(finding, step) {
    const element = this.workbench.editor(finding.diagram)?.get('elementRegistry').get(step.element);
    return step.name || element?.businessObject.name || KINDS[element?.type] || '经过的节点';
  }

  #show(n, playing) {
    this.play.textContent = playing ? '⏸ 暂停' : '▶ 播放';
    this.play.setAttribute('aria-label', playing ? '暂停播放' : '播放反例');
    for (const [at, item] of [...this.steps.children].entries()) {
      item.dataset.at = at < n ? 'passed' : at === n ? 'current' : 'coming';
      if (at === n) item.firstChild.setAttribute('aria-current', 'step');
      else item.firstChild.removeAttribute('aria-current');
    }
    const item = this.steps.children[n];
    if (item && (item.offsetTop < this.steps.scrollTop || item.offsetTop + item.offsetHeight > this.steps.scrollTop + this.steps.clientHeight)) {
      this.steps.scrollTop = item.offsetTop - this.steps.clientHeight / 2;
    }
    const { values } = frame(this.#finding.trace, n);
    this.values.textContent = values.length ? `此时的案件：${values.join('；')}` : '此时的案件：尚未填写与此有关的内容';
    this.#draw(n);
  }

  #draw(n) {
    const { diagram, trace } = this.#finding;
    const { current, elements, flows, set } = frame(trace, n);
    const marks = this.marks[diagram];
    if (!marks?.viewer.getDefinitions()) return;
    marks.colours(new Map([...flows.map((id) => [id, 'trace-passed']), ...elements.map((id) => [id, 'trace-passed']), [current, 'trace-current']]));
    const told = set.length ? build('div', { class: 'trace-set' }, ...set.map((word) => build('span', {}, word))) : null;
    const step = build('span', { class: 'trace-place' }, `${n + 1}/${trace.length}`);
    const signs = [{ id: current, node: step, corner: { top: -12, right: 24 } }];
    if (told) signs.push({ id: current, node: told, corner: { bottom: -4, left: 0 } });
    marks.signs(signs);
    const element = marks.viewer.get('elementRegistry').get(current);
    if (element && (this.workbench.view === 'both' || this.workbench.view === diagram)) marks.viewer.get('canvas').scrollToElement(element, { top: 80, bottom: 100, left: 100, right: 120 });
  }
}

const KINDS = {
  'bpmn:ExclusiveGateway': '排他网关', 'bpmn:ParallelGateway': '并行网关', 'bpmn:InclusiveGateway': '包容网关',
  'bpmn:EventBasedGateway': '事件网关', 'bpmn:StartEvent': '开始', 'bpmn:EndEvent': '结束',
  'bpmn:IntermediateCatchEvent': '等待', 'bpmn:BoundaryEvent': '边界事件',
};
