import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Asking } from '../src/studio/proof/asking.js';
import { atElements, filtered, grouped, numbered, sameAs, verdict } from '../src/studio/proof/findings.js';
import { Player, frame } from '../src/studio/proof/player.js';

const finding = (severity, rule, more = {}) => ({ severity, rule, path: 'internal.bpmn', diagram: 'internal', message: rule, title: '', cite: '', elements: [], trace: [], ...more });

test('findings come gravest first, whatever order they are told in, and bear their numbers', () => {
  const told = [finding('warn', 'G04'), finding('block', 'P18'), finding('unproven', 'P01'), finding('block', 'P17')];
  const order = (list) => numbered(list).map(({ number, rule }) => [number, rule]);
  assert.deepEqual(order(told), [[1, 'P17'], [2, 'P18'], [3, 'P01'], [4, 'G04']]);
  assert.deepEqual(order([...told].reverse()), order(told));
});

test('the list is filtered by severity and by every word, and grouped', () => {
  const all = numbered([finding('block', 'P17', { message: '重大执法决定', cite: '第五十八条' }), finding('warn', 'P27', { message: '撤回公示' })]);
  assert.deepEqual(filtered(all, { text: 'p17 五十八' }).map(({ rule }) => rule), ['P17']);
  assert.deepEqual(filtered(all, { severity: 'warn' }).map(({ rule }) => rule), ['P27']);
  assert.deepEqual(filtered(all, { text: '没有' }), []);
  assert.deepEqual(grouped(all).map(({ name, findings }) => [name, findings.length]), [['阻断', 1], ['提醒', 1]]);
});

test('each diagram shows its own findings at their first element', () => {
  const all = numbered([finding('block', 'A', { elements: ['x', 'y'] }), finding('warn', 'B', { elements: ['x'] }), finding('warn', 'C', { elements: ['z'], diagram: 'external' }), finding('block', 'D')]);
  assert.deepEqual([...atElements(all, 'internal')].map(([id, at]) => [id, at.map(({ rule }) => rule)]), [['x', ['A', 'B']]]);
  assert.deepEqual([...atElements(all, 'external').keys()], ['z']);
});

test('a finding is known again after an edit that moved its number', () => {
  const [one] = numbered([finding('block', 'P18', { elements: ['x'] })]);
  const [, again] = numbered([finding('block', 'P17', { elements: ['y'] }), finding('block', 'P18', { elements: ['x'], message: 'other words' })]);
  assert.equal(sameAs(one), sameAs(again));
});

test('the verdict says whether it may be published', () => {
  const words = (proven, ...findings) => verdict({ proven, findings }).words;
  assert.equal(words(true), '已证明：可以发布');
  assert.equal(words(true, finding('warn', 'A')), '已证明：可以发布，另有提醒 1 处');
  assert.equal(words(false, finding('block', 'A'), finding('unproven', 'B')), '有 1 处阻断问题，不能发布，另有不能证明 1 处');
  assert.match(words(false, finding('unproven', 'B')), /^不能证明：1 处/);
  assert.equal(verdict({ proven: false, findings: [] }).state, 'unproven');
});

const TRACE = [{ element: 'a', flow: 'f1', words: [] }, { element: 'b', flow: 'f2', words: ['批准：否'] }, { element: 'a', flow: 'f1', words: [] }, { element: 'c', flow: '', words: ['批准：是', '罚款：5'] }];

test('a frame shows the way so far and the values as they are by then', () => {
  assert.deepEqual(frame(TRACE, 0), { current: 'a', elements: [], flows: [], values: [], set: [] });
  const last = frame(TRACE, 3);
  assert.deepEqual([last.current, last.elements, last.flows], ['c', ['a', 'b'], ['f1', 'f2', 'f1']]);
  assert.deepEqual(last.values, ['批准：是', '罚款：5']);
  assert.deepEqual(frame(TRACE, 2).elements, ['b']); // the current one is not a passed one too
});

/** A clock that is turned by hand. */
function hand() {
  const waiting = [];
  return { later: (act, ms) => waiting.push({ act, ms }), cancel: (id) => { if (id) waiting[id - 1] = null; }, turn: () => waiting.splice(0).forEach((each) => each?.act()), waiting };
}

test('a player goes to the end by itself, and stops, steps and begins again', () => {
  const clock = hand();
  const seen = [];
  const player = new Player(TRACE, (n, playing) => seen.push([n, playing]), clock);
  player.play();
  for (let n = 0; n < 6; n += 1) clock.turn();
  assert.deepEqual(seen, [[0, true], [1, true], [2, true], [3, false]]);
  player.go(1);
  assert.deepEqual(seen.at(-1), [1, false]);
  player.go(99);
  assert.equal(player.n, 3);
  player.play();
  assert.deepEqual(seen.at(-1), [0, true]);
  player.pause();
  clock.turn();
  assert.deepEqual(seen.at(-1), [0, false]);
});

const settled = () => new Promise((done) => setImmediate(done));

test('the newest question wins and the older one is given up', async () => {
  const asked = [];
  const told = [];
  const ask = (signal) => new Promise((answer, fail) => {
    asked.push({ answer, signal });
    signal.addEventListener('abort', () => fail(Object.assign(new Error(), { name: 'AbortError' })));
  });
  const asking = new Asking(ask, (state) => told.push(state.account ?? state.state), hand());
  asking.now();
  asking.now();
  assert.equal(asked[0].signal.aborted, true);
  asked[0].answer('old');
  asked[1].answer('new');
  await settled();
  assert.deepEqual(told, ['asking', 'asking', 'new']);
});

test('a question that cannot be asked is asked again; one that is refused is not', async () => {
  const clock = hand();
  const told = [];
  let error = new TypeError('network');
  const asking = new Asking(async () => { throw error; }, ({ state, message }) => told.push(message ?? state), clock);
  asking.now();
  await settled();
  assert.match(told.at(-1), /正在重试/);
  error = Object.assign(new Error('没有这份流程草稿'), { status: 404 });
  clock.turn();
  await settled();
  assert.equal(told.at(-1), '没有这份流程草稿');
  assert.equal(clock.waiting.filter(Boolean).length, 0);
});
