// "导入导出" in the bar: a small menu of acts on the diagram in view.
import { build } from '../../elements.js';
import { fileName, png, save, WORDS } from './files.js';

/** A button with a menu below it: arrows move, Escape closes. */
export function menu(button, entries) {
  const list = build('div', { class: 'bar-menu', role: 'menu', hidden: true });
  const items = entries.map(({ label, act }) => build('button', { type: 'button', role: 'menuitem', tabindex: '-1', onclick: () => { close(); act(); } }, label));
  const close = (focus = true) => {
    list.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    if (focus) button.focus();
  };
  list.append(...items);
  button.setAttribute('aria-haspopup', 'menu');
  button.setAttribute('aria-expanded', 'false');
  button.after(list);
  button.addEventListener('click', () => {
    if (!list.hidden) return close();
    list.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    return items[0].focus();
  });
  list.addEventListener('keydown', (event) => {
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(at + step + items.length) % items.length].focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Home') items[0].focus();
    else if (event.key === 'End') items.at(-1).focus();
    else return;
    event.preventDefault();
  });
  list.addEventListener('focusout', (event) => {
    if (!list.contains(event.relatedTarget) && event.relatedTarget !== button) close(false);
  });
  return list;
}

export function exchange(workbench) {
  const title = () => document.querySelector('.studio-head h1')?.firstChild?.textContent.trim() || '流程';
  const chosen = () => workbench.active;
  const picker = build('input', { type: 'file', accept: '.bpmn,.xml,application/xml,text/xml', hidden: true, 'aria-label': '选择流程图文件' });
  picker.addEventListener('change', async () => {
    const [file] = picker.files;
    picker.value = '';
    if (!file) return;
    try {
      const { importFile } = await import('./import.js');
      await importFile(workbench, chosen(), file);
    } catch (error) {
      tell(workbench, `没有导入“${file.name}”：${error.status ? error.message : '编辑器不能读取这个文件，请从原来的工具重新导出。'}`);
    }
  });
  workbench.host.append(picker);
  const entries = [
    { label: '导入 BPMN 文件…', act: () => picker.click(), writes: true },
    { label: '导出 BPMN', act: async () => save(fileName(title(), chosen(), 'bpmn'), (await workbench.editor(chosen()).saveXML({ format: true })).xml, 'application/xml') },
    { label: '导出图片（SVG）', act: async () => save(fileName(title(), chosen(), 'svg'), (await workbench.editor(chosen()).saveSVG()).svg, 'image/svg+xml') },
    { label: '导出图片（PNG）', act: async () => save(fileName(title(), chosen(), 'png'), await png((await workbench.editor(chosen()).saveSVG()).svg), 'image/png') },
  ].filter((entry) => !entry.writes || workbench.draft.editable);
  const button = workbench.tool('导入导出', () => {}, { group: 'exchange', title: `导入或者导出当前的流程图（${WORDS.internal}或者${WORDS.external}）` });
  menu(button, entries);
}

/** A message above the canvas that stays until it is closed or replaced. */
export function tell(workbench, text, tone = 'danger') {
  workbench.host.querySelector('[data-told]')?.remove();
  const note = build('div', { class: `notice ${tone}`, role: 'alert', data: { told: '' } }, build('p', {}, text, ' '),
    build('button', { type: 'button', class: 'link-button', onclick: () => note.remove() }, '关闭'));
  workbench.bar.after(note);
}
