// A called process in a dialog: to be looked at, not changed. It is changed where it belongs.
import { fit } from '../../../diagram/fit.js';
import { build } from '../../elements.js';

export async function showCalled(name, text) {
  const { default: NavigatedViewer } = await import('bpmn-js/lib/NavigatedViewer');
  const close = build('button', { type: 'button', class: 'button small', onclick: () => dialog.close() }, '关闭');
  const canvas = build('div', { class: 'called-canvas', role: 'group', tabindex: '0', 'aria-label': `“${name}”的流程图，只读` });
  const dialog = build('dialog', { class: 'dialog called-dialog', 'aria-labelledby': 'called-title' },
    build('header', {}, build('h2', { id: 'called-title' }, `${name}（被调用流程，只读）`), close), canvas);
  const before = document.activeElement;
  const viewer = new NavigatedViewer({ container: canvas });
  dialog.addEventListener('close', () => {
    viewer.destroy();
    dialog.remove();
    before?.focus?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  try {
    await viewer.importXML(text);
    viewer.get('canvas').resized();
    fit(viewer);
    canvas.dataset.ready = '';
  } catch (failure) {
    console.warn('diagram not shown', failure.message);
    canvas.replaceChildren(build('p', { class: 'empty' }, '这幅流程图不能读取。'));
  }
}
