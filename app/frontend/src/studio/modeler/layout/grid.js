// Which row of its lane each node stands in, and by which way each flow passes the columns between its ends.
import { columns } from './layers.js';

class Lane {
  constructor(id) {
    this.id = id;
    this.cells = []; // row -> Map(column -> node or flow id)
    this.tracks = []; // thin rows below the nodes: lists of [first, last] column
  }

  row(index) {
    while (this.cells.length <= index) this.cells.push(new Map());
    return this.cells[index];
  }

  free(row, first, last) {
    for (let column = first; column <= last; column += 1) if (this.cells[row]?.has(column)) return false;
    return true;
  }

  reserve(row, first, last, id) {
    for (let column = first; column <= last; column += 1) this.row(row).set(column, id);
  }

  /** The nearest free row to the wanted one: itself, one below, one above, ... */
  place(id, column, wanted) {
    for (let away = 0; ; away += 1) {
      for (const row of away ? [wanted + away, wanted - away] : [wanted]) {
        if (row >= 0 && !this.row(row).has(column)) {
          this.row(row).set(column, id);
          return row;
        }
      }
    }
  }

  track(first, last) {
    let index = this.tracks.findIndex((taken) => taken.every(([a, b]) => last + 1 < a || first > b + 1));
    if (index < 0) index = this.tracks.push([]) - 1;
    this.tracks[index].push([first, last]);
    return index;
  }
}

/** The middle of the rows of those that lead to a node from its own lane. */
function wanted(node, incoming, cells) {
  const rows = incoming.map((id) => cells.get(id)).filter((cell) => cell && cell.lane === node.lane).map((cell) => cell.row);
  if (!rows.length) return 0;
  rows.sort((a, b) => a - b);
  return rows[Math.floor((rows.length - 1) / 2)];
}

/**
 * @param {{ id: string, lane: string }[]} nodes without those attached to others
 * @param {{ id: string, source: string, target: string }[]} flows between these nodes, none from a node to itself
 * @param {string[]} order lanes from top to bottom
 * @returns {{ cells: Map, lanes: Map, ways: Map, columns: number }} node -> { lane, row, column }; flow -> its passage:
 *   { row } or { track } of a lane where it runs sideways between its first and last gutter, or {} where it does not.
 */
export function grid(nodes, flows, order) {
  const { column, back } = columns(nodes.map((node) => node.id), flows);
  const lanes = new Map(order.map((id) => [id, new Lane(id)]));
  const cells = new Map();
  const incoming = new Map(nodes.map((node) => [node.id, []]));
  for (const flow of flows) if (!back.has(flow.id)) incoming.get(flow.target).push(flow.source);
  const byColumn = [...nodes].sort((a, b) => column.get(a.id) - column.get(b.id)
    || wanted(a, incoming.get(a.id), cells) - wanted(b, incoming.get(b.id), cells));
  for (let start = 0; start < byColumn.length;) {
    const at = column.get(byColumn[start].id);
    let end = start;
    while (end < byColumn.length && column.get(byColumn[end].id) === at) end += 1;
    const here = byColumn.slice(start, end).map((node) => ({ node, row: wanted(node, incoming.get(node.id), cells) }));
    here.sort((a, b) => a.row - b.row);
    for (const { node, row } of here) cells.set(node.id, { lane: node.lane, row: lanes.get(node.lane).place(node.id, at, row), column: at });
    start = end;
  }
  const ways = new Map();
  const span = (flow) => Math.abs(cells.get(flow.target).column - cells.get(flow.source).column);
  for (const flow of [...flows].sort((a, b) => span(a) - span(b))) ways.set(flow.id, passage(flow, cells, lanes, back));
  return { cells, lanes, ways, columns: Math.max(0, ...column.values()) + 1 };
}

function passage(flow, cells, lanes, back) {
  const [source, target] = [cells.get(flow.source), cells.get(flow.target)];
  if (back.has(flow.id) || target.column <= source.column) {
    const [first, last] = [target.column, source.column];
    return { lane: source.lane, track: lanes.get(source.lane).track(first, last), back: true };
  }
  const [first, last] = [source.column + 1, target.column - 1];
  if (first > last) return {};
  for (const end of [source, target]) {
    const lane = lanes.get(end.lane);
    if (lane.free(end.row, first, last)) {
      lane.reserve(end.row, first, last, flow.id);
      return { lane: end.lane, row: end.row };
    }
  }
  return { lane: target.lane, track: lanes.get(target.lane).track(first, last) };
}
