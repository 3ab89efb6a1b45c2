import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { WORDINGS, worded } from '../src/scene/places.js';

const VECTORS = JSON.parse(readFileSync(new URL('../../../tests/documents/places.json', import.meta.url), 'utf8'));

test('a place is worded as the template words it', () => {
  for (const { value, wording, text } of VECTORS) assert.equal(worded(value, wording), text, `${value} ${wording}`);
});

test('every wording is tried', () => {
  assert.deepEqual(new Set(VECTORS.map((one) => one.wording)), new Set(Object.keys(WORDINGS)));
});
