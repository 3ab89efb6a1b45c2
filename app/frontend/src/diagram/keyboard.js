import { currentOf } from './markers.js';

const STEP = 60;

/** Arrow keys move, + and - zoom, 0 fits; Tab leaves the picture as usual. */
export function keyboard(viewer, host, choose) {
  const canvas = viewer.get('canvas');
  const acts = {
    ArrowLeft: () => canvas.scroll({ dx: STEP, dy: 0 }),
    ArrowRight: () => canvas.scroll({ dx: -STEP, dy: 0 }),
    ArrowUp: () => canvas.scroll({ dx: 0, dy: STEP }),
    ArrowDown: () => canvas.scroll({ dx: 0, dy: -STEP }),
    '+': () => canvas.zoom(Math.min(canvas.zoom() * 1.25, 4)),
    '=': () => canvas.zoom(Math.min(canvas.zoom() * 1.25, 4)),
    '-': () => canvas.zoom(Math.max(canvas.zoom() / 1.25, 0.2)),
    0: () => canvas.zoom('fit-viewport', 'auto'),
    Enter: () => {
      const current = currentOf(viewer);
      if (current) choose(current);
    },
  };
  host.tabIndex = 0;
  host.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}
