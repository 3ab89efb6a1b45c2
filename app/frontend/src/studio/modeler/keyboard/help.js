import { build } from '../../elements.js';
import { KEYS } from './keys.js';

/** The overlay of all keys. */
export function showKeys() {
  const groups = KEYS.map(([title, keys]) => build('section', {}, build('h3', {}, title), build('dl', { class: 'keys' }, ...keys.flatMap(([key, words, modifier]) => [
    build('dt', {}, modifier && build('kbd', {}, modifier), modifier && ' + ', build('kbd', {}, key)), build('dd', {}, words),
  ]))));
  const close = build('button', { type: 'button', class: 'button small', onclick: () => dialog.close() }, '关闭');
  const dialog = build('dialog', { class: 'dialog keys-dialog', 'aria-labelledby': 'studio-keys-title' },
    build('header', {}, build('h2', { id: 'studio-keys-title' }, '流程图的快捷键'), close),
    build('p', { class: 'hint' }, '先点击流程图，或者用 Tab 键移到流程图上。苹果电脑上用 Command 代替 Ctrl。'), build('div', { class: 'keys-groups' }, ...groups));
  const before = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    before?.focus?.();
  });
  document.body.append(dialog);
  dialog.showModal();
}
