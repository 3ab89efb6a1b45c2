import { test } from 'node:test';
import assert from 'node:assert/strict';
import { summary } from '../src/items/tiers.js';

test('one line says what the examination came to', () => {
  assert.equal(summary({ blocked: false, findings: [] }), '已存为草稿，没有须改正的地方。');
  const findings = [{ severity: 'block' }, { severity: 'warn' }, { severity: 'block' }];
  assert.equal(summary({ blocked: true, findings }), '已存为草稿，有 2 处须改正。');
});
