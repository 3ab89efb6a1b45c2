// Where every element of a BPMN file goes: pools below one another, each process in its lanes, sub-processes inside out.
import { arrange } from './arrange.js';

const STRIP = 30; // the label of a pool or a lane
const GAP = 40;
const ORIGIN = { x: 160, y: 80 };
const SIZES = [
  [/Gateway$/, 50, 50], [/Event$/, 36, 36], [/^bpmn:DataObjectReference$/, 36, 50], [/^bpmn:DataStoreReference$/, 50, 50],
  [/^bpmn:TextAnnotation$/, 160, 60], [/./, 100, 80],
];

function usualSize(bo) {
  const [, width, height] = SIZES.find(([pattern]) => pattern.test(bo.$type));
  return { width, height };
}

/** How much room a name takes beside a line: a Chinese letter is a square of 12. */
export function labelSize(name) {
  const width = [...name].reduce((sum, letter) => sum + (letter < '\u0100' ? 7 : 12), 0);
  const lines = Math.ceil(width / 84);
  return { width: Math.min(width, 84) + 4, height: lines * 14 + 2 };
}

const list = (value) => value ?? [];
const isNode = (bo) => bo.$instanceOf('bpmn:FlowNode');
const isData = (bo) => bo.$instanceOf('bpmn:DataObjectReference') || bo.$instanceOf('bpmn:DataStoreReference');
const holds = (bo) => bo.$instanceOf('bpmn:SubProcess');

/** The innermost lanes from top to bottom, how deep each stands, and which lane every node is in. */
function lanesOf(process) {
  const leaves = [];
  const of = new Map();
  const tree = (set, depth) => list(set?.lanes).map((lane) => {
    for (const node of list(lane.flowNodeRef)) of.set(node.id, lane.id);
    const children = tree(lane.childLaneSet, depth + 1);
    if (!children.length) leaves.push({ id: lane.id, depth });
    return { id: lane.id, depth, children };
  });
  const roots = list(process.laneSets).flatMap((set) => tree(set, 0));
  return { roots, leaves, of, depth: Math.max(0, ...leaves.map((leaf) => leaf.depth + 1)) };
}

class Whole {
  constructor({ sizeOf, expanded, labelOf }) {
    this.sizeOf = sizeOf;
    this.expanded = expanded;
    this.labelOf = labelOf;
    this.shapes = new Map();
    this.edges = new Map();
    this.labels = new Map();
  }

  /** The inside of a process or sub-process with its upper left corner at `at`; answers its size. */
  scope(scope, at) {
    const lanes = lanesOf(scope);
    const left = lanes.depth * STRIP;
    const inner = new Map();
    const nodes = list(scope.flowElements).filter(isNode).map((bo) => {
      if (holds(bo) && this.expanded(bo)) inner.set(bo.id, this.measured(bo));
      const { width, height } = inner.get(bo.id) ?? this.sizeOf(bo);
      return { id: bo.id, width, height, lane: lanes.of.get(bo.id) ?? '', attached: bo.attachedToRef?.id };
    });
    const here = new Set(nodes.map((node) => node.id));
    for (const node of nodes) if (node.attached && !here.has(node.attached)) delete node.attached;
    const flows = list(scope.flowElements).filter((bo) => bo.$type === 'bpmn:SequenceFlow' && bo.sourceRef && bo.targetRef)
      .map((bo) => ({ id: bo.id, source: bo.sourceRef.id, target: bo.targetRef.id, label: this.labelOf(bo) }));
    const drawn = arrange({ nodes, flows, lanes: lanes.leaves.map((leaf) => leaf.id) });
    const move = (point) => ({ x: point.x + at.x + left, y: point.y + at.y });
    for (const [id, box] of drawn.nodes) this.shapes.set(id, { ...box, ...move(box) });
    for (const [id, points] of drawn.flows) this.edges.set(id, points.map(move));
    for (const [id, place] of drawn.labels) this.labels.set(id, { ...this.labelOf(this.flow(scope, id)), ...move(place) });
    for (const [id, found] of inner) found.put(this.shapes.get(id));
    const width = drawn.width + left;
    this.lanes(lanes.roots, drawn.lanes, at, width);
    return { width, ...this.beside(scope, at, drawn.height, lanes.leaves.length > 0) };
  }

  flow(scope, id) { return scope.flowElements.find((bo) => bo.id === id); }

  /** A sub-process, laid out by itself: its size, and how to put it where it belongs. */
  measured(bo) {
    const alone = new Whole(this);
    const { width, height } = alone.scope(bo, { x: 0, y: 0 });
    const put = (box) => {
      for (const [id, shape] of alone.shapes) this.shapes.set(id, { ...shape, x: shape.x + box.x, y: shape.y + box.y });
      for (const [id, points] of alone.edges) this.edges.set(id, points.map((point) => ({ x: point.x + box.x, y: point.y + box.y })));
      for (const [id, place] of alone.labels) this.labels.set(id, { ...place, x: place.x + box.x, y: place.y + box.y });
    };
    return { width: Math.max(width, 140), height: Math.max(height, 120), put };
  }

  lanes(trees, drawn, at, width) {
    for (const { id, depth, children } of trees) {
      this.lanes(children, drawn, at, width);
      const boxes = children.length ? children.map((child) => this.shapes.get(child.id)) : [{ y: drawn.get(id).y + at.y, height: drawn.get(id).height }];
      const y = Math.min(...boxes.map((box) => box.y));
      const x = at.x + depth * STRIP;
      this.shapes.set(id, { x, y, width: width - depth * STRIP, height: Math.max(...boxes.map((box) => box.y + box.height)) - y });
    }
  }

  /** Notes and data stand in a row below the nodes: inside a scope without lanes, below one that has them. */
  beside(scope, at, height, laned) {
    const things = [...list(scope.artifacts).filter((bo) => bo.$type === 'bpmn:TextAnnotation'), ...list(scope.flowElements).filter(isData)];
    if (!things.length) return { height, frame: height };
    let x = at.x + GAP;
    let tallest = 0;
    for (const bo of things) {
      const { width, height: own } = this.sizeOf(bo);
      this.shapes.set(bo.id, { x, y: at.y + height + GAP / 2, width, height: own });
      x += width + GAP;
      tallest = Math.max(tallest, own);
    }
    const total = height + tallest + GAP * 1.5;
    return { height: total, frame: laned ? height : total };
  }

  pool(participant, at) {
    const process = participant.processRef;
    if (!process?.flowElements?.length && !process?.laneSets?.length) {
      this.shapes.set(participant.id, { ...at, width: 600, height: 60 });
      return 60;
    }
    const { width, height, frame } = this.scope(process, { x: at.x + STRIP, y: at.y });
    this.shapes.set(participant.id, { ...at, width: width + STRIP, height: frame });
    return height;
  }

  /** A line between two things that have no port of their own: notes, data, messages. */
  link(id, from, to) {
    const box = (end) => {
      const points = this.edges.get(end?.id);
      if (points) return { x: (points[0].x + points.at(-1).x) / 2, y: (points[0].y + points.at(-1).y) / 2, width: 0, height: 0 };
      return end && this.shapes.get(end.id);
    };
    const [a, b] = [box(from), box(to)];
    if (!id || !a || !b) return;
    const below = a.y + a.height / 2 <= b.y + b.height / 2;
    const start = { x: a.x + a.width / 2, y: below ? a.y + a.height : a.y };
    const end = { x: b.x + b.width / 2, y: below ? b.y : b.y + b.height };
    this.edges.set(id, [start, end]);
  }

  message(flow) {
    const [a, b] = [this.shapes.get(flow.sourceRef?.id), this.shapes.get(flow.targetRef?.id)];
    if (!a || !b) return;
    this.link(flow.id, flow.sourceRef, flow.targetRef);
    const [start, end] = this.edges.get(flow.id);
    // a pool is met where the other end is, not in its middle
    if (/Participant$/.test(flow.sourceRef.$type)) start.x = Math.min(Math.max(end.x, a.x + 20), a.x + a.width - 20);
    else if (/Participant$/.test(flow.targetRef.$type)) end.x = Math.min(Math.max(start.x, b.x + 20), b.x + b.width - 20);
    const middle = (start.y + end.y) / 2;
    if (start.x !== end.x) this.edges.set(flow.id, [start, { x: start.x, y: middle }, { x: end.x, y: middle }, end]);
  }

  links(scope) {
    for (const bo of list(scope.artifacts)) if (bo.$type === 'bpmn:Association') this.link(bo.id, bo.sourceRef, bo.targetRef);
    for (const bo of list(scope.flowElements)) {
      for (const data of list(bo.dataInputAssociations)) this.link(data.id, list(data.sourceRef)[0], bo);
      for (const data of list(bo.dataOutputAssociations)) this.link(data.id, bo, data.targetRef);
      if (holds(bo)) this.links(bo);
    }
  }
}

/**
 * @param {object} definitions moddle's bpmn:Definitions
 * @param {{ sizeOf?: (bo) => { width, height }, expanded?: (bo) => boolean, labelOf?: (flow) => { width, height } }} [options]
 *   sizes that are kept, which sub-processes show their inside, how large the labels of flows are
 * @returns {{ root: object | null, shapes: Map, edges: Map, labels: Map }} the element of the plane; id -> box;
 *   id -> points; id of a flow -> box of its label
 */
export function layOut(definitions, { sizeOf = usualSize, expanded = () => true, labelOf = (bo) => (bo.name ? labelSize(bo.name) : undefined) } = {}) {
  const whole = new Whole({ sizeOf, expanded, labelOf });
  const answer = (root) => ({ root, shapes: whole.shapes, edges: whole.edges, labels: whole.labels });
  const roots = list(definitions.rootElements);
  const collaboration = roots.find((bo) => bo.$instanceOf('bpmn:Collaboration') && list(bo.participants).length);
  const process = roots.find((bo) => bo.$type === 'bpmn:Process' && list(bo.flowElements).length) ?? roots.find((bo) => bo.$type === 'bpmn:Process');
  if (!collaboration && !process) return answer(null);
  if (!collaboration) {
    whole.scope(process, ORIGIN);
    whole.links(process);
    return answer(process);
  }
  let { y } = ORIGIN;
  for (const participant of collaboration.participants) y += whole.pool(participant, { x: ORIGIN.x, y }) + GAP;
  const widest = Math.max(...collaboration.participants.map((participant) => whole.shapes.get(participant.id).width));
  for (const participant of collaboration.participants) widen(whole, participant, widest);
  whole.beside(collaboration, { x: ORIGIN.x, y: y - GAP }, 0, true);
  for (const participant of collaboration.participants) if (participant.processRef) whole.links(participant.processRef);
  for (const flow of list(collaboration.messageFlows)) whole.message(flow);
  whole.links(collaboration);
  return answer(collaboration);
}

/** Pools below one another are equally wide, and their lanes with them. */
function widen(whole, participant, width) {
  const box = whole.shapes.get(participant.id);
  const more = width - box.width;
  box.width = width;
  const wider = (lane) => {
    whole.shapes.get(lane.id).width += more;
    list(lane.childLaneSet?.lanes).forEach(wider);
  };
  list(participant.processRef?.laneSets).flatMap((set) => list(set.lanes)).forEach(wider);
}
