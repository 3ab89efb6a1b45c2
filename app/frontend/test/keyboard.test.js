import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../src/page/display.js';
import { nextIndex } from '../src/page/keyboard.js';
import { states } from '../src/diagram/markers.js';

test('j starts at the first row, k at the last, and both stop at the ends', () => {
  assert.equal(nextIndex(-1, 1, 3), 0);
  assert.equal(nextIndex(-1, -1, 3), 2);
  assert.equal(nextIndex(2, 1, 3), 2);
  assert.equal(nextIndex(0, -1, 3), 0);
  assert.equal(nextIndex(-1, 1, 0), -1);
});

test('the display cookie has the form the server reads', () => {
  assert.equal(encode({ size: 'large', contrast: 'high' }), 'contrast:high|size:large');
});

test('a node that was passed and is current again is current', () => {
  assert.deepEqual([...states({ passed: 'a b', current: 'b' })], [['a', 'passed'], ['b', 'current']]);
});
