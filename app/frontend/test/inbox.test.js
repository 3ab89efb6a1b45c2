import { test } from 'node:test';
import assert from 'node:assert/strict';
import { shown, spoken, titled } from '../src/inbox/badge.js';
import { span } from '../src/inbox/picking.js';

test('the badge stops at 999 and says what presses', () => {
  assert.equal(shown(999), '999');
  assert.equal(shown(1000), '999+');
  assert.equal(spoken({ open: 12, urgent: 3 }), '待办 12 项，其中急办 3 项');
  assert.equal(spoken({ open: 1, urgent: 0 }), '待办 1 项');
});

test('the title of the tab carries the number once', () => {
  const title = titled('工作台 · 行权', { open: 5 });
  assert.equal(title, '(5) 工作台 · 行权');
  assert.equal(titled(title, { open: 1000 }), '(999+) 工作台 · 行权');
  assert.equal(titled('(999+) 工作台 · 行权', { open: 0 }), '工作台 · 行权');
});

test('a span goes either way and holds both ends', () => {
  const boxes = ['a', 'b', 'c', 'd'];
  assert.deepEqual(span(boxes, 'b', 'd'), ['b', 'c', 'd']);
  assert.deepEqual(span(boxes, 'd', 'b'), ['b', 'c', 'd']);
  assert.deepEqual(span(boxes, 'x', 'b'), []);
});
