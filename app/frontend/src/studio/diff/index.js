// What differs from an earlier revision or a published version: sentences beside the drawing, signs on it, and the
// other drawing, read-only, beneath it.
import './diff.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { fit } from '../../diagram/fit.js';
import { build } from '../elements.js';
import { Marking } from '../marking.js';
import { KINDS, atElements, byFile, colourOf, layoutCount, sides } from './changes.js';

export const order = 40;
const WHICH = ['internal', 'external'];
const FONT = '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const SETTLE = 600;

export function install(workbench) {
  const { draft } = workbench;
  const panel = workbench.panel('diff', '比较', { order: 40 });
  const marks = Object.fromEntries(WHICH.map((which) => [which, new Marking(workbench.editor(which), 'diff')]));
  let compared = null; // { ref, title, changes, drawings }
  let layout = false;
  let timer = null;
  let running = null;
  let other = null; // the viewer of the other drawing

  const select = build('select', { id: 'diff-with' });
  const status = build('p', { class: 'hint', role: 'status' });
  const stop = build('button', { type: 'button', class: 'button small', hidden: true, onclick: end }, '结束比较');
  const list = build('div', { class: 'diff-list' });
  panel.body.append(build('form', { class: 'diff-form', onsubmit: (event) => { event.preventDefault(); compare(select.value); } },
    build('label', { for: 'diff-with' }, '把现在的内容与以下版本比较'), select,
    build('div', { class: 'diff-acts' }, build('button', { class: 'button small primary' }, '比较'), stop)), status, list);

  async function offer() {
    try {
      const { choices } = await draft.get('compare');
      const chosen = select.value;
      const groups = [...new Set(choices.map(({ group }) => group))];
      select.replaceChildren(...groups.map((group) => build('optgroup', { label: group },
        ...choices.filter((choice) => choice.group === group).map(({ ref, title }) => build('option', { value: ref }, title)))));
      if (choices.some(({ ref }) => ref === chosen)) select.value = chosen;
    } catch { status.textContent = '暂时不能列出版本，请稍后再打开这一栏。'; }
  }

  async function compare(ref) {
    if (!ref) return;
    clearTimeout(timer);
    running?.abort();
    const now = running = new AbortController();
    status.textContent = compared ? '正在重新比较……' : '正在比较……';
    try {
      await draft.gather?.();
      const answer = await draft.post('compare', { with: ref, changes: draft.changes }, { signal: now.signal });
      if (running !== now) return;
      const again = compared?.ref === ref;
      compared = { ref, ...answer };
      tell();
      await showOther(again);
      draw();
      if (!again) bring();
    } catch (error) {
      if (running === now && error.name !== 'AbortError') status.textContent = error.status ? error.message : '暂时连不上服务器，请稍后再试。';
    }
  }

  function end() {
    running?.abort();
    compared = null;
    for (const which of WHICH) if (workbench.editor(which).getDefinitions()) marks[which].clear();
    delete workbench.canvases.dataset.compared;
    other?.section.remove();
    other?.viewer.destroy();
    other = null;
    status.textContent = '';
    stop.hidden = true;
    list.replaceChildren();
    panel.badge('');
    resized();
  }

  // ------------------------------------------------------------ the list

  function tell() {
    const { title, changes } = compared;
    const hidden = layoutCount(changes);
    const meaning = changes.length - hidden;
    stop.hidden = false;
    panel.badge(meaning ? String(meaning) : '');
    status.textContent = meaning ? `与“${title}”相比，有 ${meaning} 处不同。` : `与“${title}”相比，内容没有不同。`;
    const groups = byFile(changes, { layout });
    list.replaceChildren(
      ...groups.map(({ path, file, changes: own }) => build('div', {}, build('h3', {}, `${file}（${own.length}）`), build('ul', {}, ...own.map((change) => build('li', {}, item(path, change)))))),
      hidden ? build('label', { class: 'choice' }, build('input', { type: 'checkbox', checked: layout, onchange: (event) => { layout = event.target.checked; tell(); draw(); } }), ` 显示 ${hidden} 处只是图上位置或者书写格式的调整`) : '');
  }

  function item(path, change) {
    const { sign, name } = KINDS[change.kind];
    const inside = [build('span', { class: `diff-sign ${colourOf(change.kind)}`, 'aria-hidden': 'true' }, sign), build('span', {}, build('span', { class: 'visually-hidden' }, `${name}：`), change.text)];
    const which = WHICH.find((each) => path === `${each}.bpmn`);
    if (!which || !change.element) return build('div', { class: 'diff-change' }, ...inside);
    return build('button', { type: 'button', class: 'diff-change', onclick: () => jump(which, change) }, ...inside);
  }

  async function jump(which, change) {
    if (workbench.view !== which && workbench.view !== 'both') workbench.show(which);
    if (other && other.which !== which) { await showOther(false, which); draw(); }
    if (change.kind !== 'removed') workbench.select(which, change.element, { reveal: true });
    const there = other?.viewer.get('elementRegistry').get(change.element);
    if (there) {
      other.viewer.get('canvas').scrollToElement(there, { top: 60, bottom: 60, left: 60, right: 60 });
      other.marks.colours(new Map([...other.colours, [change.element, 'diff-here']]));
    }
  }

  // ------------------------------------------------------------ the drawings

  async function showOther(again, which = workbench.view === 'external' ? 'external' : 'internal') {
    if (!other) {
      const canvas = build('div', { class: 'canvas' });
      const section = build('section', { class: 'workbench-canvas', data: { canvas: 'compared' }, 'aria-label': '用来比较的流程图，只读' }, build('h2', {}), canvas);
      workbench.canvases.append(section);
      workbench.canvases.dataset.compared = '';
      const viewer = new NavigatedViewer({
        container: canvas,
        bpmnRenderer: { defaultStrokeColor: '#4e5969', defaultLabelColor: '#1d2129' },
        textRenderer: { defaultStyle: { fontFamily: FONT, fontSize: 13 }, externalStyle: { fontFamily: FONT, fontSize: 12 } },
      });
      other = { section, viewer, which: null, marks: new Marking(viewer, 'diff'), colours: new Map() };
      again = false;
      resized();
    }
    other.section.querySelector('h2').textContent = `${which === 'internal' ? '内部流程' : '外部流程'} · ${compared.title}（只读）`;
    if (again && other.which === which) return;
    other.which = which;
    try {
      await other.viewer.importXML(compared.drawings[`${which}.bpmn`]);
      fit(other.viewer);
    } catch { status.textContent += '那一版的流程图不能显示。'; }
  }

  function draw() {
    if (!compared) return;
    for (const which of WHICH) {
      if (!workbench.editor(which).getDefinitions()) continue;
      const { now, other: then } = sides(atElements(compared.changes, `${which}.bpmn`, { layout }));
      lay(marks[which], now);
      if (other?.which === which && other.viewer.getDefinitions()) {
        other.colours = new Map([...then].map(([id, { kind }]) => [id, colourOf(kind)]));
        lay(other.marks, then);
      }
    }
  }

  /** Bring the first difference into view in both drawings. */
  function bring() {
    const at = atElements(compared.changes, `${other.which}.bpmn`);
    for (const viewer of [workbench.editor(other.which), other.viewer]) {
      const first = viewer.getDefinitions() && [...at.keys()].map((id) => viewer.get('elementRegistry').get(id)).find(Boolean);
      if (first) viewer.get('canvas').scrollToElement(first, { top: 60, bottom: 60, left: 140, right: 60 });
    }
  }

  function lay(marking, found) {
    marking.colours(new Map([...found].map(([id, { kind }]) => [id, colourOf(kind)])));
    marking.signs([...found].map(([id, { kind, texts }]) => ({ id, corner: { bottom: 12, right: 12 }, node: build('span', { class: `diff-sign ${colourOf(kind)}`, title: texts.join('\n') }, KINDS[kind].sign) })));
  }

  function resized() {
    for (const which of WHICH) if (workbench.editor(which).getDefinitions()) workbench.editor(which).get('canvas').resized();
    other?.viewer.get('canvas').resized();
  }

  workbench.on('panel', ({ name }) => { if (name === 'diff') offer(); });
  workbench.on('load', draw);
  workbench.on('view', ({ view }) => {
    if (!compared || view === 'both' || other?.which === view) return;
    showOther(false, view).then(draw);
  });
  draft.on('change', () => {
    if (!compared) return;
    clearTimeout(timer);
    timer = setTimeout(() => compare(compared.ref), SETTLE);
  });
  const asked = /^#compare=([rv]\d+)$/.exec(window.location.hash);
  if (asked) offer().then(() => { select.value = asked[1]; panel.open(); compare(asked[1]); });
}
