import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounds, SHADES, shades, shown } from '../src/studio/sight/heat.js';
import { Player, standing } from '../src/studio/sight/player.js';
import { along } from '../src/studio/sight/token.js';

const VALUES = { a: { median: 0, again: 0 }, b: { median: 1, again: null }, c: { median: 16, again: 3 } };

test('the longest step has the darkest shade, and a step without a value none', () => {
  const found = shades(VALUES, 'median');
  assert.deepEqual([found.get('a'), found.get('b'), found.get('c')], [0, 1, SHADES - 1]);
  assert.equal(shades(VALUES, 'again').has('b'), false);
  assert.deepEqual([...shades({ a: { median: 0 } }, 'median')], [['a', 0]]);
});

test('the legend reaches from nothing to the greatest value', () => {
  const edges = bounds(VALUES, 'median');
  assert.deepEqual([edges.length, edges[0], edges.at(-1)], [SHADES + 1, 0, 16]);
  assert.deepEqual([shown(2, 'again'), shown(2, 'median')], ['2', '2.0']);
});

function player(length) {
  const seen = [];
  let tick;
  const timer = { setInterval: (act) => { tick = act; return 1; }, clearInterval: () => { tick = undefined; } };
  const made = new Player(length, { show: (place) => seen.push(place), tell: () => {}, timer });
  return { made, seen, tick: () => tick?.(), running: () => tick !== undefined };
}

test('a player stays within its frames and stops at the end', () => {
  const { made, seen, tick, running } = player(3);
  made.go(-4);
  made.play();
  tick();
  tick();
  assert.deepEqual(seen, [0, 1, 2]);
  assert.equal(running(), false);
  made.go(9);
  assert.equal(made.place, 2);
});

test('played at the end it begins anew, and a second press pauses', () => {
  const { made, seen, running } = player(2);
  made.go(1);
  made.toggle();
  assert.deepEqual(seen, [1, 0]);
  assert.equal(running(), true);
  made.toggle();
  assert.equal(running(), false);
});

test('a frame shows what was passed, what waits, and what is off the drawing', () => {
  const frames = [
    { way: ['start', 'f1', 'a'], live: ['a'] },
    { way: ['a', 'f2', 'b'], live: ['b'] },
    { way: ['x'], live: ['b'], off: true },
  ];
  assert.deepEqual(Object.fromEntries(standing(frames, 1)), { start: 'passed', f1: 'passed', a: 'passed', f2: 'passed', b: 'current' });
  assert.equal(standing(frames, 2).get('x'), 'overdue');
});

test('a token reaches every share of its way', () => {
  const line = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 30 }];
  assert.deepEqual([along(line, 0), along(line, 0.25), along(line, 0.5), along(line, 1)], [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }, { x: 10, y: 30 }]);
});
