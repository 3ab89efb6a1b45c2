import { currentOf } from './markers.js';

const READABLE = 0.75; // names are drawn at 12 px and more: below this scale they are under 9 px

/** The scale at which to show a drawing of `inner` size in a frame of `outer` size: all of it where it stays
 * readable, else its whole height, else the readable minimum. */
export function scaleFor(inner, outer, readable = READABLE) {
  const high = outer.height / inner.height;
  const whole = Math.min(high, outer.width / inner.width);
  return Math.min(1, Math.max(whole >= readable ? whole : high, readable));
}

/** The place of a view of `size` around `middle` that shows no more emptiness than it must. */
export function within(middle, size, from, length) {
  if (size >= length) return from - (size - length) / 2;
  return Math.min(Math.max(middle - size / 2, from), from + length - size);
}

/** Show the drawing at a readable scale with the current step in the middle. */
export function fit(viewer) {
  const canvas = viewer.get('canvas');
  const { inner, outer } = canvas.viewbox();
  if (!inner.width || !outer.width || !outer.height) return; // not laid out: no scale fits
  const box = { x: inner.x - 16, y: inner.y - 16, width: inner.width + 32, height: inner.height + 32 };
  const scale = scaleFor(box, outer);
  const elements = viewer.get('elementRegistry');
  const start = currentOf(viewer) ?? elements.find((element) => /StartEvent$/.test(element.type));
  const size = { width: outer.width / scale, height: outer.height / scale };
  const middle = start ? { x: start.x + start.width / 2, y: start.y + start.height / 2 } : { x: box.x, y: box.y };
  canvas.viewbox({ x: within(middle.x, size.width, box.x, box.width), y: within(middle.y, size.height, box.y, box.height), ...size });
}

/** Fit now and whenever the frame changes its size, until the person chooses a view of their own; `how` if not so that
 * names are readable. */
export function keepFitting(viewer, host, how = fit) {
  let chosen = false;
  for (const kind of ['pointerdown', 'keydown']) {
    host.parentElement.addEventListener(kind, () => { chosen = true; }, { passive: true });
  }
  const observer = new ResizeObserver(() => {
    viewer.get('canvas').resized();
    if (!chosen) how(viewer);
  });
  observer.observe(host);
  viewer.on('diagram.destroy', () => observer.disconnect()); // a drawing that is gone has no size
  how(viewer);
}
