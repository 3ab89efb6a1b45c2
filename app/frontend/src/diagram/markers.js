const list = (text) => (text ?? '').split(/\s+/).filter(Boolean);
const SVG = 'http://www.w3.org/2000/svg';
const SIGNS = { passed: 'M-4.5 0 L-1.5 3.5 L4.5 -3.5', current: 'M-2.5 -4 L4 0 L-2.5 4 Z', overdue: 'M0 -5 L0 1.5 M0 5 L0 5' };

/** The state of every node id that the page names; all others are to come. */
export function states({ passed, current, overdue }) {
  const found = new Map(list(passed).map((id) => [id, 'passed']));
  for (const id of list(current)) found.set(id, 'current');
  for (const id of list(overdue)) found.set(id, 'overdue');
  return found;
}

/** A round badge with the state's own sign at the upper right corner: colours are not seen by everybody. */
function badge(graphics, width, state) {
  const group = document.createElementNS(SVG, 'g');
  group.setAttribute('class', 'step-badge');
  group.setAttribute('transform', `translate(${width - 2} 2)`);
  const circle = document.createElementNS(SVG, 'circle');
  circle.setAttribute('r', '10');
  const sign = document.createElementNS(SVG, 'path');
  sign.setAttribute('d', SIGNS[state]);
  group.append(circle, sign);
  graphics.querySelector('.djs-visual')?.append(group);
}

/** Mark the nodes, and every flow between two nodes that the case has been at. A drawing of no case (neither is named)
    shows the procedure as it is: nothing of it is still to come. */
export function mark(viewer, data) {
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  const known = states(data);
  const ofCase = [ data.passed, data.current, data.overdue ].some((ids) => ids !== undefined);
  elements.forEach((element) => {
    if (!element.parent || element.type === 'label') return;
    const step = /(Task|CallActivity)$/.test(element.type);
    const state = element.waypoints
      ? known.get(element.source?.id) === 'passed' && known.has(element.target?.id) && 'passed'
      : known.get(element.id) ?? (ofCase && step && 'coming');
    if (state) canvas.addMarker(element, `is-${state}`);
    if (state && element.label) canvas.addMarker(element.label, `is-${state}`);
    if (step && SIGNS[state]) badge(elements.getGraphics(element), element.width, state);
  });
}

/** The first step that is under way, or none. */
export function currentOf(viewer) {
  const canvas = viewer.get('canvas');
  return viewer.get('elementRegistry').find((element) => canvas.hasMarker(element, 'is-current') && !element.waypoints && element.type !== 'label');
}

/** One sentence that says what the picture shows. */
export function words(viewer, data) {
  const elements = viewer.get('elementRegistry');
  const names = (ids) => list(ids).map((id) => elements.get(id)?.businessObject?.name).filter(Boolean).join('、');
  const current = names(data.current);
  const passed = names(data.passed);
  return `流程图。${current ? `当前环节：${current}。` : ''}${passed ? `已完成：${passed}。` : ''}`;
}
