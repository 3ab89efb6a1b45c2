// A layered drawing of one scope: columns along the flow, lanes as rows, flows at right angles that cross no node.
import { grid } from './grid.js';
import { order } from './gutters.js';

export const SPACE = { edge: 30, column: 36, turn: 12, row: 40, track: 14, attached: 44, label: 6 };
const MIDDLE = 2;

/** What stands at the lower border of its host, by host. */
function attachments(nodes) {
  const found = new Map();
  for (const node of nodes) {
    if (node.attached) found.set(node.attached, [...(found.get(node.attached) ?? []), node]);
  }
  return found;
}

function heights(plan, nodes, attached) {
  const tall = new Map();
  const rows = new Map();
  for (const lane of plan.lanes.values()) rows.set(lane.id, lane.cells.map(() => ({ height: 0, below: 0 })));
  for (const node of nodes) {
    const cell = plan.cells.get(node.id);
    if (!cell) continue;
    const row = rows.get(cell.lane)[cell.row];
    row.height = Math.max(row.height, node.height);
    if (attached.has(node.id)) row.below = SPACE.attached;
  }
  let y = 0;
  for (const lane of plan.lanes.values()) {
    const top = y;
    y += SPACE.row / MIDDLE;
    const middles = rows.get(lane.id).map((row) => {
      const middle = y + (row.height || SPACE.row) / MIDDLE;
      y += (row.height || SPACE.row) + row.below + SPACE.row;
      return middle;
    });
    if (!middles.length) y += SPACE.row * MIDDLE;
    const tracks = lane.tracks.map((_, index) => y - SPACE.row / MIDDLE + SPACE.track * (index + 1));
    y += lane.tracks.length * SPACE.track - SPACE.row / MIDDLE + (lane.tracks.length ? SPACE.track : 0);
    y = Math.max(y, top + SPACE.row * MIDDLE);
    tall.set(lane.id, { y: top, height: y - top, middles, tracks });
  }
  return { lanes: tall, height: y };
}

/** Every flow as sideways pieces and turns: { flow, start, end, turns: [{ gutter, from, to }] }. */
function courses(plan, flows, lanes, leaving) {
  return flows.map((flow) => {
    const [source, target] = [plan.cells.get(flow.source), plan.cells.get(flow.target)];
    const way = plan.ways.get(flow.id);
    const start = leaving.get(flow.from)?.y ?? lanes.get(source.lane).middles[source.row];
    const end = lanes.get(target.lane).middles[target.row];
    const lane = way.lane !== undefined ? lanes.get(way.lane) : null;
    const run = !lane ? null : way.track === undefined ? lane.middles[way.row] : lane.tracks[way.track];
    const turn = (gutter, from, to) => {
      if (!way.back) return { gutter, from, to, left: [from], right: [to] };
      return gutter === source.column ? { gutter, from, to, left: [from, to], right: [] } : { gutter, from, to, left: [], right: [from, to] };
    };
    const turns = run === null
      ? [turn(source.column, start, end)]
      : [turn(source.column, start, run), turn(target.column - 1, run, end)];
    return { flow, source, target, start, end, turns: turns.map((each) => ({ ...each, flow: flow.id })) };
  });
}

/**
 * @param {{ nodes: { id: string, width: number, height: number, lane?: string, attached?: string }[],
 *   flows: { id: string, source: string, target: string, label?: { width: number, height: number } }[], lanes?: string[] }} scope
 * @returns {{ nodes: Map, flows: Map, labels: Map, lanes: Map, width: number, height: number }} node -> { x, y, width, height },
 *   flow -> points, flow -> the place of its label, lane -> { y, height }; the upper left corner is 0, 0.
 */
export function arrange({ nodes, flows, lanes: laneOrder = [] }) {
  const hosts = new Map(nodes.map((node) => [node.id, node.attached ?? node.id]));
  const standing = nodes.filter((node) => !node.attached).map((node) => ({ ...node, lane: node.lane ?? '' }));
  const names = [...laneOrder];
  for (const node of standing) if (!names.includes(node.lane)) names.push(node.lane);
  const known = flows.filter((flow) => hosts.has(flow.source) && hosts.has(flow.target))
    .map((flow) => ({ id: flow.id, label: flow.label, from: flow.source, source: hosts.get(flow.source), target: hosts.get(flow.target) }));
  const loops = known.filter((flow) => flow.source === flow.target);
  const between = known.filter((flow) => flow.source !== flow.target);
  const plan = grid(standing, between, names);
  const attached = attachments(nodes);
  const { lanes, height } = heights(plan, standing, attached);

  const leaving = new Map(); // boundary event -> the height at which its flow leaves
  const size = new Map(nodes.map((node) => [node.id, node]));
  for (const [host, events] of attached) {
    const cell = plan.cells.get(host);
    const bottom = lanes.get(cell.lane).middles[cell.row] + size.get(host).height / MIDDLE;
    events.forEach((event, index) => leaving.set(event.id, { y: bottom + event.height / MIDDLE + 8 + 6 * index, index }));
  }

  const drawn = courses(plan, between, lanes, leaving);
  const gutters = Array.from({ length: plan.columns + 1 }, () => []); // gutter -1 is the last of them
  const gutterOf = (index) => gutters.at(index < 0 ? -1 : index);
  for (const course of drawn) for (const turn of course.turns) if (turn.from !== turn.to) gutterOf(turn.gutter).push(turn);
  const ordered = gutters.map(order);
  const orderOf = (index) => ordered.at(index < 0 ? -1 : index);

  const breadth = Array.from({ length: plan.columns }, () => 0);
  for (const node of standing) {
    const { column } = plan.cells.get(node.id);
    breadth[column] = Math.max(breadth[column], node.width);
  }
  // a flow's label stands above its last piece, before what it leads to
  const stubs = new Map();
  for (const { flow, target } of drawn) {
    if (flow.label) stubs.set(target.column - 1, Math.max(stubs.get(target.column - 1) ?? 0, flow.label.width + SPACE.label));
  }
  const gutterWidth = (index) => SPACE.column + orderOf(index).width * SPACE.turn + (stubs.get(index) ?? 0);
  const left = [];
  let x = Math.max(SPACE.edge, gutterWidth(-1));
  const firstGutter = x - gutterWidth(-1);
  breadth.forEach((width, column) => {
    left.push(x);
    x += width + gutterWidth(column);
  });
  const right = (column) => left[column] + breadth[column];
  const placeAt = (gutter, turn) => (gutter < 0 ? firstGutter : right(gutter)) + SPACE.column / MIDDLE + orderOf(gutter).places.get(turn) * SPACE.turn;
  const turnAt = (turn) => placeAt(turn.gutter, turn);

  const placed = new Map();
  for (const node of standing) {
    const cell = plan.cells.get(node.id);
    const middle = lanes.get(cell.lane).middles[cell.row];
    placed.set(node.id, {
      x: left[cell.column] + (breadth[cell.column] - node.width) / MIDDLE,
      y: middle - node.height / MIDDLE, width: node.width, height: node.height,
    });
  }
  for (const [host, events] of attached) {
    const box = placed.get(host);
    events.forEach((event, index) => placed.set(event.id, {
      x: box.x + box.width - event.width * (index + 1) - 6 * (index + 0.5), y: box.y + box.height - event.height / MIDDLE,
      width: event.width, height: event.height,
    }));
  }

  const lines = new Map();
  const labels = new Map();
  const above = new Map(); // target -> how high the labels before it reach
  for (const { flow, start, end, turns } of drawn) {
    const [from, to] = [placed.get(flow.from), placed.get(flow.target)];
    const points = leaving.has(flow.from)
      ? [{ x: from.x + from.width / MIDDLE, y: from.y + from.height }, { x: from.x + from.width / MIDDLE, y: start }]
      : [{ x: from.x + from.width, y: start }];
    for (const turn of turns) {
      if (turn.from === turn.to) continue;
      const at = turnAt(turn);
      points.push({ x: at, y: turn.from }, { x: at, y: turn.detour?.height ?? turn.to });
      if (!turn.detour) continue;
      const last = placeAt(turn.gutter, turn.detour.last);
      points.push({ x: last, y: turn.detour.height }, { x: last, y: turn.to });
    }
    points.push({ x: to.x, y: end });
    lines.set(flow.id, points);
    if (flow.label) {
      const rise = (above.get(flow.target) ?? 2) + flow.label.height;
      above.set(flow.target, rise);
      labels.set(flow.id, { x: to.x - flow.label.width - SPACE.label - 6, y: end - rise });
    }
  }
  for (const flow of loops) lines.set(flow.id, around(placed.get(flow.from), placed.get(flow.source)));
  return { nodes: placed, flows: lines, labels, lanes, width: Math.max(x, SPACE.edge * MIDDLE), height };
}

/** A flow from a node, or from what is attached to it, back to the node. */
function around(from, host) {
  const bottom = host.y + host.height + 14;
  const start = from === host ? { x: host.x + host.width * 0.75, y: host.y + host.height } : { x: from.x + from.width / MIDDLE, y: from.y + from.height };
  const end = { x: host.x + host.width * 0.25, y: host.y + host.height };
  return [start, { x: start.x, y: Math.max(bottom, start.y + 8) }, { x: end.x, y: Math.max(bottom, start.y + 8) }, end];
}
