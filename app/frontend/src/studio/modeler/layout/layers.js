// Which column each node stands in: as far right as its longest way from a start. Flows that lead back are kept apart.

/** The flows that close a loop, found by a walk from the starts in the order of the document. */
export function backward(ids, flows) {
  const outgoing = new Map(ids.map((id) => [id, []]));
  const entered = new Set();
  for (const flow of flows) {
    outgoing.get(flow.source).push(flow);
    entered.add(flow.target);
  }
  const state = new Map();
  const found = new Set();
  const walk = (root) => {
    const way = [{ id: root, next: 0 }];
    state.set(root, 'open');
    while (way.length) {
      const here = way.at(-1);
      const flow = outgoing.get(here.id)[here.next];
      here.next += 1;
      if (!flow) {
        state.set(here.id, 'done');
        way.pop();
      } else if (state.get(flow.target) === 'open') {
        found.add(flow.id);
      } else if (!state.has(flow.target)) {
        state.set(flow.target, 'open');
        way.push({ id: flow.target, next: 0 });
      }
    }
  };
  for (const id of ids) if (!entered.has(id)) walk(id);
  for (const id of ids) if (!state.has(id)) walk(id);
  return found;
}

/** Node id -> column, counted from 0. */
export function columns(ids, flows) {
  const back = backward(ids, flows);
  const forward = flows.filter((flow) => !back.has(flow.id));
  const waiting = new Map(ids.map((id) => [id, 0]));
  const outgoing = new Map(ids.map((id) => [id, []]));
  for (const flow of forward) {
    waiting.set(flow.target, waiting.get(flow.target) + 1);
    outgoing.get(flow.source).push(flow.target);
  }
  const column = new Map(ids.map((id) => [id, 0]));
  const ready = ids.filter((id) => !waiting.get(id));
  for (let i = 0; i < ready.length; i += 1) {
    const here = ready[i];
    for (const target of outgoing.get(here)) {
      column.set(target, Math.max(column.get(target), column.get(here) + 1));
      waiting.set(target, waiting.get(target) - 1);
      if (!waiting.get(target)) ready.push(target);
    }
  }
  return { column, back };
}
