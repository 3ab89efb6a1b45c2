// The external diagram beside the internal one: who realises what, what the limits leave, and what has no counterpart.
import './pair.css';
import { build } from '../elements.js';
import { Marking } from '../marking.js';
import { byLane, leftWords, limitWords, partners, share, slacks, uncovered, widest } from './matching.js';

export const order = 25;
const WHICH = ['internal', 'external'];
const OTHER = { internal: 'external', external: 'internal' };

export function install(workbench) {
  const panel = workbench.panel('pair', '对照', { order: 25 });
  const marks = Object.fromEntries(WHICH.map((which) => [which, new Marking(workbench.editor(which), 'pair')]));
  let account = null;
  let chosen = null; // { which, id }
  let shown = true;
  let budgetId = '';

  workbench.tool('时限余量', (button) => {
    shown = !shown;
    button.setAttribute('aria-pressed', String(shown));
    draw();
  }, { group: 'pair', title: '在流程图上显示内外环节的对应和各岗位的时限余量', pressed: shown });

  const steps = () => account?.external ?? [];
  const budgets = () => account?.budgets ?? [];
  const budget = () => budgets().find(({ id }) => id === budgetId) ?? widest(budgets());
  const object = (which, id) => workbench.editor(which).get('elementRegistry').get(id);
  const name = (which, id) => object(which, id)?.businessObject.name || id;

  function draw() {
    if (!WHICH.every((which) => workbench.editor(which).getDefinitions())) return;
    const lost = uncovered(steps());
    for (const which of WHICH) {
      if (!shown || !account) { marks[which].clear(); continue; }
      const colours = new Map(lost[which].map((id) => [id, 'pair-lost']));
      if (chosen && chosen.which !== which) for (const id of partners(steps(), chosen.which, chosen.id)) colours.set(id, 'pair-match');
      marks[which].colours(colours);
      marks[which].signs([...lost[which].map((id) => ({ id, node: lostSign(which), corner: { bottom: -2, left: 0 } })), ...(which === 'internal' ? limits() : statutes())]);
    }
  }

  const lostSign = (which) => build('span', { class: 'pair-sign lost' }, which === 'external' ? '！没有内部任务' : '！没有外部环节');

  function limits() {
    const lost = new Set(uncovered(steps()).internal);
    const signs = [...slacks(budgets())].filter(([id]) => !lost.has(id)).map(([id, { days, budget: of }]) => {
      const { state, words } = leftWords(days);
      return { id, node: build('span', { class: `pair-sign ${state}`, title: `按“${of.name}”测算：这一环节所在的最长路径还剩 ${days} 个工作日` }, words), corner: { bottom: -2, left: 0 } };
    });
    const of = budget();
    const lanes = byLane(of, (id) => laneOf(object('internal', id))?.id);
    return [...signs, ...[...lanes].map(([id, days]) => ({ id, node: build('span', { class: 'pair-lane' }, `本岗位最长占 ${days} 个工作日（${of.name}共 ${of.days} 个）`), corner: { top: 4, left: 38 } }))];
  }

  function statutes() {
    return steps().filter((step) => step.element && step.tasks.length).flatMap((step) => {
      const least = Math.min(...budgets().map((each) => share(each, step.tasks)?.left ?? Infinity));
      if (!Number.isFinite(least)) return [];
      const { state, words } = leftWords(least);
      return [{ id: step.element, node: build('span', { class: `pair-sign ${state}` }, words), corner: { bottom: -2, left: 0 } }];
    });
  }

  // ------------------------------------------------------------ the panel

  const jump = (which, id) => build('button', { type: 'button', class: 'link-button', onclick: () => {
    if (workbench.view !== 'both') workbench.show(which);
    workbench.select(which, id, { reveal: true });
  } }, name(which, id));
  const listed = (which, ids) => build('ul', { class: 'pair-list' }, ...ids.map((id) => build('li', {}, jump(which, id))));

  function tell() {
    const lost = uncovered(steps());
    const count = lost.external.length + lost.internal.length;
    panel.badge(count ? String(count) : '');
    if (!account) return panel.body.replaceChildren(build('p', { class: 'hint' }, '证明完成后显示内外环节的对应。'));
    const step = chosen && (chosen.which === 'external'
      ? steps().find(({ element }) => element === chosen.id)
      : steps().find(({ tasks, element }) => element && tasks.includes(chosen.id)));
    return panel.body.replaceChildren(...(step ? about(step) : []), ...missing(lost), ...overview());
  }

  function about(step) {
    const fact = (term, ...told) => [build('dt', {}, term), build('dd', {}, ...told)];
    const rows = budgets().flatMap((each) => {
      const part = share(each, step.tasks);
      if (!part) return [];
      return fact(each.name, `法定 ${each.days} 个工作日，本环节在最长路径上占 ${part.taken} 个，`, build('strong', {}, leftWords(part.left).words));
    });
    return [
      build('h3', {}, step.name || step.step),
      build('dl', { class: 'facts tight' },
        ...fact('外部环节', jump('external', step.element)),
        ...fact('法定期限', `${limitWords(step.limit)}${step.days !== null && !step.limit.endsWith('wd') ? `（最少合 ${step.days} 个工作日）` : ''}`),
        ...(step.basis ? fact('依据', step.basis) : []),
        ...fact('内部任务', step.tasks.length ? listed('internal', step.tasks) : '没有内部任务实现这一环节'),
        ...rows),
    ];
  }

  function missing({ external, internal }) {
    if (!external.length && !internal.length) return [build('p', { class: 'notice ok' }, '每个外部环节都有内部任务，每个内部任务都属于一个外部环节。')];
    return [
      external.length && build('section', { class: 'notice warn' }, build('strong', {}, `没有内部任务的外部环节（${external.length}）`), listed('external', external)),
      internal.length && build('section', { class: 'notice warn' }, build('strong', {}, `没有外部环节的内部任务（${internal.length}）`), listed('internal', internal)),
    ].filter(Boolean);
  }

  function overview() {
    if (!budgets().length) return [build('p', { class: 'hint' }, '流程图有阻断问题时不测算时限。')];
    const of = budget();
    const select = build('select', { id: 'pair-budget', onchange: () => { budgetId = select.value; tell(); draw(); } },
      ...budgets().map((each) => build('option', { value: each.id, selected: each.id === of.id }, each.name)));
    const lanes = [...byLane(of, (id) => laneOf(object('internal', id))?.id)];
    return [
      build('h3', {}, '时限测算'),
      build('div', { class: 'field' }, build('label', { for: 'pair-budget' }, '泳道上显示哪个期限'), select),
      build('p', {}, of.longest === null
        ? `“${of.name}”没有上限：有环节可以无限次重复。`
        : `“${of.name}”法定 ${of.days} 个工作日，各岗位用足时限最长 ${of.longest} 个，`, of.longest !== null && build('strong', {}, leftWords(of.days - of.longest).words), of.longest !== null && '。'),
      lanes.length > 0 && build('table', { class: 'table pair-table' },
        build('caption', { class: 'visually-hidden' }, '各岗位在最长路径上的工作日'),
        build('thead', {}, build('tr', {}, build('th', { scope: 'col' }, '岗位'), build('th', { scope: 'col' }, '工作日'))),
        build('tbody', {}, ...lanes.map(([id, days]) => build('tr', {}, build('td', {}, name('internal', id)), build('td', { class: 'number' }, String(days)))))),
    ].filter(Boolean);
  }

  workbench.on('select', ({ which, element }) => {
    // what this feature itself marks in the other diagram stays, until something else is chosen
    chosen = element && !element.waypoints ? { which, id: element.labelTarget?.id ?? element.id } : null;
    if (shown && chosen && workbench.view === 'both') bring(OTHER[which], partners(steps(), which, chosen.id)[0]);
    draw();
    tell();
  });
  workbench.on('load', draw);
  workbench.proofs.on('account', (told) => { account = told; draw(); tell(); });
  tell();

  function bring(which, id) {
    const element = id && object(which, id);
    if (element) workbench.editor(which).get('canvas').scrollToElement(element, { top: 60, bottom: 60, left: 60, right: 60 });
  }
}

/** The innermost lane a shape belongs to. */
export function laneOf(shape) {
  const lanes = [...shape?.businessObject.lanes ?? []];
  if (lanes.length) return lanes.at(-1);
  let above = shape?.parent;
  while (above && above.type !== 'bpmn:Participant') above = above.parent;
  if (!above || !shape) return null;
  const middle = { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 };
  const inside = (lane) => lane.y <= middle.y && middle.y < lane.y + lane.height && lane.x <= middle.x && middle.x < lane.x + lane.width;
  let found = null;
  for (let level = above.children; level?.length;) {
    const lane = level.find((child) => child.type === 'bpmn:Lane' && inside(child));
    if (!lane) break;
    found = lane;
    level = lane.children;
  }
  return found;
}
