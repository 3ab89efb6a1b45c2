const READABLE = 0.55; // below this scale nobody can read the names

/** The whole diagram where it stays readable; else, on a phone, the current step and what is around it. */
export function fit(viewer) {
  const canvas = viewer.get('canvas');
  const { width, height } = canvas.getSize();
  if (!width || !height) return; // not laid out (a closed tab, a page that is going away): no scale fits
  canvas.zoom('fit-viewport', 'auto');
  if (canvas.zoom() >= READABLE) return;
  const elements = viewer.get('elementRegistry');
  const start = elements.find((element) => canvas.hasMarker(element, 'is-current') && !element.waypoints);
  canvas.zoom(0.75);
  canvas.scrollToElement(start ?? elements.find((element) => element.type === 'bpmn:StartEvent') ?? canvas.getRootElement());
}

/** Fit now and whenever the frame changes its size, until the person chooses a view of their own. */
export function keepFitting(viewer, host) {
  let chosen = false;
  for (const kind of ['pointerdown', 'wheel', 'keydown']) {
    host.parentElement.addEventListener(kind, () => { chosen = true; }, { passive: true });
  }
  new ResizeObserver(() => {
    viewer.get('canvas').resized();
    if (!chosen) fit(viewer);
  }).observe(host);
  fit(viewer);
}
