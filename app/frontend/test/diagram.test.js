import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaleFor, within } from '../src/diagram/fit.js';
import { places } from '../src/diagram/places.js';
import { unfoldLabel } from '../src/page/folding.js';

globalThis.CSS ??= { escape: (text) => text };

/** A page that has these elements by id and these records by selector. */
const pageWith = (ids, records = {}) => ({
  getElementById: (id) => ids[id] ?? null,
  querySelectorAll: (selector) => records[selector] ?? [],
});

test('a small drawing is shown whole and never larger than drawn', () => {
  assert.equal(scaleFor({ width: 400, height: 100 }, { width: 1200, height: 400 }), 1);
  assert.equal(scaleFor({ width: 1500, height: 400 }, { width: 1200, height: 400 }), 0.8);
});

test('a long drawing keeps its height, and names stay readable', () => {
  assert.equal(scaleFor({ width: 4300, height: 500 }, { width: 1200, height: 400 }), 0.8);
  assert.equal(scaleFor({ width: 4300, height: 2000 }, { width: 1200, height: 400 }), 0.75);
});

test('the view stays within the drawing', () => {
  assert.equal(within(500, 200, 0, 4000), 400);
  assert.equal(within(20, 200, 0, 4000), 0);
  assert.equal(within(3990, 200, 0, 4000), 3800);
  assert.equal(within(50, 200, 0, 100), -50, 'a drawing smaller than the frame stands in the middle');
});

test('a step leads to what waits there before what was done there', () => {
  const records = { 'details[data-node="check"]': ['newest', 'older'] };
  assert.deepEqual(places(pageWith({ 'node-check': 'waiting' }, records), 'check', 'node'), ['waiting', 'newest', 'older']);
  assert.deepEqual(places(pageWith({ 'node-check': 'newest' }, records), 'check', 'node'), ['newest']);
  assert.deepEqual(places(pageWith({}, records), 'check', 'node'), ['newest']);
  assert.deepEqual(places(pageWith({}), 'nowhere', 'node'), []);
});

test('a statutory step leads to everything done under it, else to its line in words', () => {
  const records = { 'details[data-external="notice"]': ['serve', 'approve'] };
  assert.deepEqual(places(pageWith({ 'external-notice': 'line' }, records), 'notice', 'external'), ['serve', 'approve']);
  assert.deepEqual(places(pageWith({ 'external-notice': 'line' }), 'notice', 'external'), ['line']);
});

test('the button says what it will do next', () => {
  assert.equal(unfoldLabel(true), '全部收起');
  assert.equal(unfoldLabel(false), '全部展开');
});
