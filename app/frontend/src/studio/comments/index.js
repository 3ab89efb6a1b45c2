// Remarks on elements: threads with answers, settled and taken up again, with a count at each element.
import './comments.css';
import { build } from '../elements.js';
import { Marking } from '../marking.js';
import { partName } from '../names.js';
import { randomName } from '../random.js';
import { chosen, openAt, openCount, said } from './threads.js';

export const order = 30;
const WHICH = ['internal', 'external'];

export function install(workbench) {
  const { draft } = workbench;
  const panel = workbench.panel('comments', '批注', { order: 30 });
  const marks = Object.fromEntries(WHICH.map((which) => [which, new Marking(workbench.editor(which), 'comments')]));
  let threads = [];
  let place = null; // where the next remark goes: { path, element, name }
  let settled = false;
  let only = false;
  const opened = new Set(); // threads whose answer is being written
  const typed = new Map(); // what was begun stays when the list is drawn anew

  const list = build('div', { class: 'comment-list' });
  const status = build('p', { class: 'field-error', role: 'alert', hidden: true });
  const writing = build('div', {});
  const option = (words, act) => build('label', { class: 'choice' }, build('input', { type: 'checkbox', onchange: (event) => { act(event.target.checked); draw(); } }), ` ${words}`);
  panel.body.append(writing, status, build('div', { class: 'comment-filter' }, option('只看所选环节', (on) => { only = on; }), option('包括已解决的', (on) => { settled = on; })), list);

  async function act(path, body) {
    try {
      ({ threads } = path === null ? await draft.get('comments') : await draft.post(path, body));
      status.hidden = true;
      draw();
      return true;
    } catch (error) {
      status.hidden = false;
      status.textContent = error.status ? error.message : '暂时连不上服务器，请稍后再试。写好的内容保留在本页。';
      return false;
    }
  }

  function draw() {
    panel.badge(openCount(threads) ? String(openCount(threads)) : '');
    const shown = chosen(threads, { settled, place: only && place ? place : null });
    const writingAt = list.contains(document.activeElement) && document.activeElement.matches('textarea') ? document.activeElement : null;
    list.replaceChildren(...shown.map(thread));
    if (writingAt) { // whoever is writing goes on writing
      const again = document.getElementById(writingAt.id);
      again?.focus();
      again?.setSelectionRange(writingAt.selectionStart, writingAt.selectionEnd);
    }
    if (!shown.length) list.append(build('p', { class: 'hint' }, threads.length ? '没有要显示的批注。' : '还没有批注。选择一个环节，在上面写下意见。'));
    for (const which of WHICH) {
      if (!workbench.editor(which).getDefinitions()) continue;
      marks[which].signs([...openAt(threads, `${which}.bpmn`)].map(([id, count]) => ({ id, node: sign(which, id, count), corner: { top: -12, right: 16 } })));
    }
  }

  function sign(which, id, count) {
    const node = build('button', { type: 'button', tabindex: '-1', class: 'comment-sign', title: `${count} 条未解决的批注`, onclick: (event) => {
      event.stopPropagation();
      workbench.select(which, id);
      panel.open();
    } }, `“${count}”`);
    return node;
  }

  /** A text area with its button, whose text outlives a failure and a new drawing of the list. */
  function form(key, label, button, send) {
    const id = `comment-${key.replaceAll(/\W/g, '-')}`;
    const entry = typed.get(key) ?? { text: '', name: randomName() };
    typed.set(key, entry);
    const area = build('textarea', { id, rows: 3, maxLength: 2000, oninput: () => { entry.text = area.value; } });
    area.value = entry.text;
    return build('form', { class: 'comment-form', onsubmit: async (event) => {
      event.preventDefault();
      if (!area.value.trim()) { area.focus(); return; }
      if (!await send(area.value, entry.name)) return;
      typed.delete(key);
      if (key.startsWith('answer ')) opened.delete(Number(key.slice('answer '.length)));
      write();
      draw();
    } }, build('label', { for: id }, label), area, build('button', { class: 'button small primary' }, button));
  }

  function write() {
    const at = place ?? { path: `${workbench.active}.bpmn`, element: '', name: '' };
    const what = at.name ? `“${at.name}”` : at.element ? '所选的连线或者节点' : `整幅${partName(at.path)}`;
    writing.replaceChildren(draft.editable || document.querySelector('[data-draft]').dataset.status === 'review'
      ? form(`new ${at.path} ${at.element}`, `对${what}的意见`, '添加批注', (body, key) => act('comments', { key, path: at.path, element: at.element, name: at.name, body }))
      : build('p', { class: 'hint' }, '这份草稿已经结束，批注只能查看。'));
  }

  function thread(found) {
    const which = WHICH.find((name) => found.path === `${name}.bpmn`);
    const there = which && found.element && workbench.editor(which).getDefinitions() && workbench.editor(which).get('elementRegistry').get(found.element);
    const name = found.name || (found.element ? '未命名的元素' : partName(found.path));
    const where = there
      ? build('button', { type: 'button', class: 'link-button', onclick: () => workbench.select(which, found.element, { reveal: true }) }, name)
      : build('span', {}, which && found.element ? `${name}（已删除）` : name);
    const answer = build('details', { ontoggle: () => { if (answer.open) opened.add(found.id); else opened.delete(found.id); } }, build('summary', {}, '回复'), form(`answer ${found.id}`, '回复的内容', '回复', (body, key) => act(`comments/${found.id}/answer`, { key, body })));
    answer.open = opened.has(found.id);
    return build('article', { class: `comment${found.settled ? ' settled' : ''}`, 'aria-label': `对“${name}”的批注` },
      build('p', { class: 'comment-where' }, where, build('span', { class: 'hint' }, which ? partName(found.path) : '')),
      remark(found), ...found.answers.map(remark),
      found.settled && build('p', { class: 'hint' }, `✔ ${found.settledBy} ${said(found.settled)} 标为已解决`),
      build('div', { class: 'comment-acts' }, answer,
        build('button', { type: 'button', class: 'button small', onclick: () => act(`comments/${found.id}/settle`, { settled: !found.settled }) }, found.settled ? '重新打开' : '标为已解决')));
  }

  const remark = (found) => build('div', { class: 'comment-said' },
    build('p', { class: 'comment-who' }, build('strong', {}, found.mine ? `${found.by}（我）` : found.by), ' ', build('time', { datetime: found.at }, said(found.at))),
    build('p', { class: 'comment-body' }, found.body));

  workbench.on('select', ({ which, element }) => {
    const object = element?.labelTarget?.businessObject ?? element?.businessObject;
    place = object ? { path: `${which}.bpmn`, element: object.id, name: object.name ?? '' } : { path: `${which}.bpmn`, element: '', name: '' };
    write();
    if (only) draw();
  });
  workbench.on('load', draw);
  workbench.on('panel', ({ name }) => { if (name === 'comments') act(null); });
  draft.on('saved', () => act(null)); // a colleague may have answered meanwhile
  write();
  act(null);
}
