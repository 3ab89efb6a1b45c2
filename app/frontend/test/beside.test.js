import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, openAt, openCount, said } from '../src/studio/comments/threads.js';
import { atElements, byFile, colourOf, layoutCount, sides } from '../src/studio/diff/changes.js';
import { middle, placeOf } from '../src/studio/marking.js';
import { byLane, leftWords, limitWords, partners, share, slacks, uncovered, widest } from '../src/studio/pair/matching.js';

const STEPS = [
  { element: 'filing', step: 'file.approve', tasks: ['check', 'approve'] },
  { element: 'notice', step: 'notice', tasks: [] },
  { element: '', step: '', tasks: ['strange'] },
];
const BUDGETS = [
  { id: 'short', name: '短', days: 15, longest: 12, chain: [{ element: 'check', days: 10 }, { element: 'approve', days: 2 }], slack: { check: 3, approve: 3 } },
  { id: 'long', name: '长', days: 56, longest: 58, chain: [{ element: 'approve', days: 2 }, { element: 'invest', days: 56 }], slack: { approve: -2, invest: -2 } },
];

test('partners are found from either side', () => {
  assert.deepEqual(partners(STEPS, 'external', 'filing'), ['check', 'approve']);
  assert.deepEqual(partners(STEPS, 'internal', 'approve'), ['filing']);
  assert.deepEqual(partners(STEPS, 'internal', 'strange'), []);
  assert.deepEqual(partners(STEPS, 'external', ''), []);
});

test('what has no counterpart is named on both sides', () => {
  assert.deepEqual(uncovered(STEPS), { external: ['notice'], internal: ['strange'] });
  assert.deepEqual(uncovered([]), { external: [], internal: [] });
});

test('what is left is the least over all limits', () => {
  const found = slacks(BUDGETS);
  assert.deepEqual([found.get('check').days, found.get('approve').days, found.get('approve').budget.id], [3, -2, 'long']);
  assert.equal(widest(BUDGETS).id, 'long');
  assert.equal(widest([]), null);
});

test('the longest way is summed by positions', () => {
  const lanes = { approve: 'head', invest: 'officer', check: 'officer' };
  assert.deepEqual([...byLane(BUDGETS[0], (id) => lanes[id])], [['officer', 10], ['head', 2]]);
  assert.deepEqual([...byLane(null, () => 'x')], []);
  assert.deepEqual(share(BUDGETS[0], ['check', 'approve']), { taken: 12, left: 3 });
  assert.equal(share(BUDGETS[0], ['invest']), null);
});

test('what is left is told with a shape, and limits in the unit of the law', () => {
  assert.deepEqual([3, 0, -2].map((days) => leftWords(days).words), ['● 剩余 3 个工作日', '▲ 剩余 0 个工作日', '■ 超出 2 个工作日']);
  assert.deepEqual(['5wd', '90d', '24h', '', 'bald'].map(limitWords), ['5 个工作日', '90 日', '24 小时', '没有写明', 'bald']);
});

const CHANGES = [
  { path: 'internal.bpmn', file: '内部流程图', kind: 'renamed', element: 'a', text: '1' },
  { path: 'internal.bpmn', file: '内部流程图', kind: 'moved', element: 'a', text: '2' },
  { path: 'internal.bpmn', file: '内部流程图', kind: 'added', element: 'b', text: '3' },
  { path: 'internal.bpmn', file: '内部流程图', kind: 'removed', element: 'c', text: '4' },
  { path: 'internal.bpmn', file: '内部流程图', kind: 'layout', element: 'd', text: '5' },
  { path: 'rules.yaml', file: '规则', kind: 'changed', element: 'clocks', text: '6' },
];

test('differences are told file by file, those of layout only when asked for', () => {
  assert.deepEqual(byFile(CHANGES).map(({ file, changes }) => [file, changes.length]), [['内部流程图', 4], ['规则', 1]]);
  assert.equal(byFile(CHANGES, { layout: true })[0].changes.length, 5);
  assert.equal(layoutCount(CHANGES), 1);
});

test('what is gone is drawn on the other drawing, what is new on this one', () => {
  const at = atElements(CHANGES, 'internal.bpmn');
  assert.deepEqual(at.get('a'), { kind: 'moved', texts: ['1', '2'] });
  const { now, other } = sides(at);
  assert.deepEqual([[...now.keys()], [...other.keys()]], [['a', 'b'], ['a', 'c']]);
  assert.deepEqual(['added', 'removed', 'rerouted'].map(colourOf), ['diff-added', 'diff-removed', 'diff-changed']);
});

const THREADS = [
  { id: 1, path: 'internal.bpmn', element: 'a', settled: null },
  { id: 2, path: 'internal.bpmn', element: 'a', settled: '2026-11-30T00:00:00Z' },
  { id: 3, path: 'rules.yaml', element: '', settled: null },
];

test('open threads are shown and counted, settled ones when asked for', () => {
  assert.deepEqual(chosen(THREADS).map(({ id }) => id), [1, 3]);
  assert.deepEqual(chosen(THREADS, { settled: true, place: { path: 'internal.bpmn', element: 'a' } }).map(({ id }) => id), [1, 2]);
  assert.deepEqual([...openAt(THREADS, 'internal.bpmn')], [['a', 1]]);
  assert.equal(openCount(THREADS), 2);
});

test('moments are told in the time of China', () => {
  const now = new Date('2026-11-30T10:00:00Z');
  assert.equal(said('2026-11-29T17:05:00Z', now), '今天 01:05');
  assert.match(said('2026-11-29T15:05:00Z', now), /2026\/11\/29 23:05/);
});

test('a sign stands at the corner of a shape and in the middle of a line', () => {
  const line = [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 50 }];
  assert.deepEqual(middle(line), { x: 75, y: 0 });
  assert.deepEqual(placeOf({ waypoints: line }, { top: 1 }), { left: 67, top: -8 });
  assert.deepEqual(placeOf({}, { top: 1 }), { top: 1 });
  assert.deepEqual(middle([{ x: 1, y: 1 }, { x: 1, y: 1 }]), { x: 1, y: 1 });
});
