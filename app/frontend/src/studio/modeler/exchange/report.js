// The report of an import: what was understood, what is refused and why, what is kept without effect.
import { build } from '../../elements.js';
import { WORDS } from './files.js';

function section(title, items, tone = '') {
  if (!items.length) return null;
  return build('section', { class: `import-part ${tone}` }, build('h3', {}, `${title}（${items.length}）`), build('ul', {}, ...items));
}

/**
 * Show the report in a dialog. Answers whether the diagram is to be taken over.
 *
 * @param {{ report: object, lost: string[], which: string, reveal?: (id) => void }} options
 * @returns {Promise<boolean>}
 */
export function showReport({ report, lost, which, name }) {
  const { tool, nodes, refused, simplified, lacking, kept, changed, drawn } = report;
  const finding = ({ element, name: called, message }) => build('li', {}, message, element && !message.includes(element) && !called && build('code', {}, element));
  const facts = [
    tool && `由 ${tool} 生成`, `${nodes} 个流程节点`, !drawn && '文件中没有图形信息，已自动排版',
  ].filter(Boolean).join('，');
  let taken = false;
  return new Promise((resolve) => {
    const dialog = build('dialog', { class: 'dialog import-report', 'aria-labelledby': 'import-title' },
      build('header', {}, build('h2', { id: 'import-title' }, `导入“${name}”`)),
      build('p', {}, `${facts}。`),
      build('div', { class: 'import-body', tabindex: '0', role: 'region', 'aria-label': '导入报告' },
        section('不能办理，需要改画', refused.map(finding), 'warn'),
        section('采用后还要补充，才能发布', lacking.map(finding)),
        section('按简化方式理解', simplified.map(finding)),
        section('打开时不能保留', lost.map((text) => build('li', {}, text)), 'warn'),
        section('其他工具的扩展内容，原样保留但不起作用', kept.map((each) => build('li', {}, build('code', {}, each.namespace || '（无命名空间）'), ` ${counted(each)}`))),
        section('已作的调整', changed.map((text) => build('li', {}, text))),
        !refused.length && !lost.length && !lacking.length && build('p', { class: 'notice ok' }, '没有发现不能理解的内容。')),
      build('p', { class: 'consequence' }, `采用后将替换当前的${WORDS[which]}图；原来的内容留在“版本”中，随时可以找回。`),
      build('div', { class: 'actions' },
        build('button', { type: 'button', class: 'button primary', onclick: () => { taken = true; dialog.close(); } }, '采用这幅流程图'),
        build('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, '不采用')));
    const before = document.activeElement;
    dialog.addEventListener('close', () => {
      dialog.remove();
      before?.focus?.();
      resolve(taken);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function counted({ elements, attributes }) {
  return [elements && `${elements} 个元素`, attributes && `${attributes} 个属性`].filter(Boolean).join('、');
}
