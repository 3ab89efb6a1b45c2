import { build } from './elements.js';
import { partName } from './names.js';

/** Ask whose text stands when two people changed the same part. Both are kept in the history whatever is chosen. */
export function showConflicts(draft, host) {
  draft.on('conflict', (conflict) => {
    host.replaceChildren();
    host.hidden = !conflict;
    if (!conflict) return;
    const groups = conflict.paths.map((path, number) => question(path, number));
    const form = build('form', { onsubmit: (event) => {
      event.preventDefault();
      const mine = Object.fromEntries(conflict.paths.map((path, number) => [path, form.elements[`part-${number}`].value === 'mine']));
      draft.choose(mine).catch(() => {});
    } },
    build('h2', {}, '另一位分析人员同时修改了同一内容'),
    build('p', {}, '双方的内容都已留存在“版本”中，随时可以找回。请选择现在采用哪一份：'),
    ...groups,
    build('div', { class: 'actions' }, build('button', { class: 'button primary' }, '采用所选内容')));
    host.append(form);
    host.setAttribute('role', 'alertdialog');
    host.setAttribute('aria-label', '内容冲突');
    host.tabIndex = -1;
    host.focus();
  });
}

function question(path, number) {
  const name = `part-${number}`;
  const choice = (value, words) => build('label', { class: 'choice' }, build('input', { type: 'radio', name, value, checked: value === 'theirs' }), ` ${words}`);
  return build('fieldset', {}, build('legend', {}, partName(path)), choice('theirs', '采用对方的'), choice('mine', '采用我的'));
}
