const BUTTONS = [
  ['放大', (canvas) => canvas.zoom(Math.min(canvas.zoom() * 1.25, 4))],
  ['缩小', (canvas) => canvas.zoom(Math.max(canvas.zoom() / 1.25, 0.2))],
  ['全图', (canvas) => canvas.zoom('fit-viewport', 'auto')],
  ['原大', (canvas) => canvas.zoom(1, 'auto')],
];

/** The buttons above a diagram. */
export function controls(viewer) {
  const canvas = viewer.get('canvas');
  const bar = document.createElement('div');
  bar.className = 'diagram-controls';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', '流程图缩放');
  for (const [text, act] of BUTTONS) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = text;
    button.addEventListener('click', () => act(canvas));
    bar.append(button);
  }
  return bar;
}
