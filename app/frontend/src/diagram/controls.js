import { fit } from './fit.js';
import { currentOf } from './markers.js';

const BUTTONS = [
  ['放大', (canvas) => canvas.zoom(Math.min(canvas.zoom() * 1.25, 4), 'auto')],
  ['缩小', (canvas) => canvas.zoom(Math.max(canvas.zoom() / 1.25, 0.2), 'auto')],
  ['全图', (canvas) => canvas.zoom('fit-viewport', 'auto')],
  ['原大', (canvas) => canvas.zoom(1, 'auto')],
];

const HINT = '按住拖动可以移动；点击环节查看办理情况。';

/** The buttons above a diagram, and what can be done with it. */
export function controls(viewer, hint = HINT) {
  const canvas = viewer.get('canvas');
  const bar = document.createElement('div');
  bar.className = 'diagram-controls no-print';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', '流程图缩放');
  const buttons = currentOf(viewer) ? [['当前环节', () => fit(viewer)], ...BUTTONS] : BUTTONS;
  for (const [text, act] of buttons) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = text;
    button.addEventListener('click', () => act(canvas));
    bar.append(button);
  }
  bar.append(Object.assign(document.createElement('p'), { textContent: hint }));
  return bar;
}
