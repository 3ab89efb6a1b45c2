// Auto-layout: nothing overlaps, every node in its lane, flows at right angles that cross no node.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BpmnModdle } from 'bpmn-moddle';
import { arrange } from '../src/studio/modeler/layout/arrange.js';
import { draw, isDrawn } from '../src/studio/modeler/layout/drawing.js';
import { layOut } from '../src/studio/modeler/layout/whole.js';

const descriptor = JSON.parse(readFileSync(new URL('../src/studio/modeler/xq.json', import.meta.url)));
const shipped = (level) => readFileSync(new URL(`../../../bpmn/penalty/ordinary/${level}.bpmn`, import.meta.url), 'utf8');

const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

function segments(points) {
  return points.slice(1).map((point, index) => [points[index], point]);
}

function crosses([a, b], box) {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
  return left < box.x + box.width - 0.5 && right > box.x + 0.5 && top < box.y + box.height - 0.5 && bottom > box.y + 0.5;
}

/** Two pieces that run on the same line for a stretch. */
function overlay([a, b], [c, d]) {
  const shared = (p, q, r, s) => Math.min(Math.max(p, q), Math.max(r, s)) - Math.max(Math.min(p, q), Math.min(r, s));
  if (a.x === b.x && c.x === d.x && a.x === c.x) return shared(a.y, b.y, c.y, d.y) > 1;
  if (a.y === b.y && c.y === d.y && a.y === c.y) return shared(a.x, b.x, c.x, d.x) > 1;
  return false;
}

function check(scope, drawn) {
  const attached = new Map(scope.nodes.filter((node) => node.attached).map((node) => [node.id, node.attached]));
  const nodes = [...drawn.nodes];
  nodes.forEach(([id, a], i) => {
    for (const [other, b] of nodes.slice(i + 1)) {
      if (attached.get(id) !== other && attached.get(other) !== id) assert.ok(apart(a, b), `${id} lies on ${other}`);
    }
  });
  for (const node of scope.nodes) {
    const box = drawn.nodes.get(node.id);
    const lane = drawn.lanes.get(node.attached ? scope.nodes.find((host) => host.id === node.attached).lane ?? '' : node.lane ?? '');
    assert.ok(box.x >= 0 && box.x + box.width <= drawn.width, `${node.id} leaves the frame`);
    assert.ok(box.y >= lane.y && box.y + box.height <= lane.y + lane.height, `${node.id} leaves its lane`);
  }
  for (const flow of scope.flows.filter((each) => each.label && drawn.labels.has(each.id))) {
    const box = { ...drawn.labels.get(flow.id), ...flow.label };
    for (const [node, other] of nodes) if (!attached.has(node)) assert.ok(apart(box, other), `the label of ${flow.id} lies on ${node}`);
  }
  const ends = new Map(scope.flows.map((flow) => [flow.id, [flow.source, flow.target]]));
  const pieces = [];
  for (const [id, points] of drawn.flows) {
    for (const piece of segments(points)) {
      assert.ok(piece[0].x === piece[1].x || piece[0].y === piece[1].y, `${id} runs aslant`);
      for (const [node, box] of nodes) {
        if (!ends.get(id).includes(node) && !ends.get(id).includes(attached.get(node)) && attached.get(ends.get(id)[0]) !== node) {
          assert.ok(!crosses(piece, box), `${id} runs through ${node}`);
        }
      }
      pieces.push([id, piece]);
    }
    assert.ok(points.every((point) => point.y >= 0 && point.y <= drawn.height && point.x >= 0 && point.x <= drawn.width), `${id} leaves the frame`);
  }
  pieces.forEach(([id, a], i) => {
    for (const [other, b] of pieces.slice(i + 1)) {
      if (id === other || ends.get(id)[0] === ends.get(other)[0] || ends.get(id)[1] === ends.get(other)[1]) continue;
      assert.ok(!overlay(a, b), `${id} lies on ${other}`);
    }
  });
}

/** Dice that fall the same way every time. */
function dice(seed) {
  let state = seed;
  return (most) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * most);
  };
}

function random(seed) {
  const roll = dice(seed);
  const lanes = Array.from({ length: 1 + roll(5) }, (_, index) => `lane${index}`);
  const sizes = [[100, 80], [50, 50], [36, 36], [260, 200]];
  const nodes = Array.from({ length: 2 + roll(28) }, (_, index) => {
    const [width, height] = sizes[Math.min(roll(12), 3)];
    return { id: `n${index}`, width, height, lane: lanes[roll(lanes.length)] };
  });
  const flows = [];
  const add = (source, target) => flows.push({ id: `f${flows.length}`, source, target, label: roll(3) ? undefined : { width: 20 + roll(60), height: 14 } });
  for (let index = 1; index < nodes.length; index += 1) add(nodes[roll(index)].id, nodes[index].id);
  for (let more = roll(14); more > 0; more -= 1) add(nodes[roll(nodes.length)].id, nodes[roll(nodes.length)].id);
  for (const node of nodes.filter((each) => each.width === 100 && roll(4) === 0)) {
    const event = { id: `${node.id}b`, width: 36, height: 36, attached: node.id, lane: node.lane };
    nodes.push(event);
    add(event.id, nodes[roll(nodes.length - 1)].id);
  }
  return { nodes, flows: flows.filter((flow) => !flow.target.endsWith('b')), lanes };
}

test('random diagrams are drawn without overlaps, in their lanes', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const scope = random(seed);
    try {
      check(scope, arrange(scope));
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
});

test('a straight chain stays on one line', () => {
  const nodes = ['a', 'b', 'c'].map((id) => ({ id, width: 100, height: 80, lane: 'l' }));
  const drawn = arrange({ nodes, flows: [{ id: '1', source: 'a', target: 'b' }, { id: '2', source: 'b', target: 'c' }], lanes: ['l'] });
  for (const points of drawn.flows.values()) assert.equal(points.length, 2);
});

test('nothing, a lone node and a node that leads to itself are drawn', () => {
  assert.equal(arrange({ nodes: [], flows: [], lanes: ['a'] }).nodes.size, 0);
  const scope = { nodes: [{ id: 'a', width: 100, height: 80 }], flows: [{ id: 'f', source: 'a', target: 'a' }] };
  const drawn = arrange(scope);
  assert.equal(drawn.flows.get('f').length, 4);
});

test('a diagram of ours without its drawing is drawn again, whole', async () => {
  for (const level of ['internal', 'external']) {
    const moddle = new BpmnModdle({ xq: descriptor });
    const { rootElement: definitions } = await moddle.fromXML(shipped(level));
    const before = definitions.diagrams[0].plane.planeElement.map((element) => element.bpmnElement.id).sort();
    definitions.diagrams = undefined;
    assert.ok(!isDrawn(definitions));
    draw(moddle, definitions, layOut(definitions));
    const { xml } = await moddle.toXML(definitions, { format: true });
    const { rootElement: again, warnings } = await moddle.fromXML(xml);
    assert.deepEqual(warnings, []);
    assert.ok(isDrawn(again));
    assert.deepEqual(again.diagrams[0].plane.planeElement.map((element) => element.bpmnElement.id).sort(), before);
  }
});
