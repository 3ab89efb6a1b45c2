const list = (text) => (text ?? '').split(/\s+/).filter(Boolean);

/** The state of every node id that the page names; all others are to come. */
export function states({ passed, current, overdue }) {
  const found = new Map(list(passed).map((id) => [id, 'passed']));
  for (const id of list(current)) found.set(id, 'current');
  for (const id of list(overdue)) found.set(id, 'overdue');
  return found;
}

/** Colour the nodes, and every flow between two nodes that the case has been at. */
export function mark(viewer, data) {
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  const known = states(data);
  elements.forEach((element) => {
    if (!element.parent || element.type === 'label') return;
    const state = element.waypoints
      ? known.get(element.source?.id) === 'passed' && known.has(element.target?.id) && 'passed'
      : known.get(element.id);
    if (state) canvas.addMarker(element, `is-${state}`);
    if (state && element.label) canvas.addMarker(element.label, `is-${state}`);
  });
}

/** One sentence that says what the picture shows. */
export function words(viewer, data) {
  const elements = viewer.get('elementRegistry');
  const names = (ids) => list(ids).map((id) => elements.get(id)?.businessObject?.name).filter(Boolean).join('、');
  const current = names(data.current);
  const passed = names(data.passed);
  return `流程图。${current ? `当前环节：${current}。` : ''}${passed ? `已完成：${passed}。` : ''}`;
}
