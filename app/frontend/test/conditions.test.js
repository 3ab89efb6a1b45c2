// Conditions of the studio without a browser. That they are read as Python reads them is held by tests/studio.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examine } from '../src/studio/modeler/conditions/check.js';
import { names, parse } from '../src/studio/modeler/conditions/grammar.js';
import { freshRow, rowsOf, SIGNS_OF, treeOf } from '../src/studio/modeler/conditions/rows.js';
import { write } from '../src/studio/modeler/conditions/text.js';
import { sentence } from '../src/studio/modeler/conditions/words.js';

const ATTRIBUTES = {
  fine: { type: 'number', label: '罚款金额（元）', options: [] },
  paid: { type: 'number', label: '已缴金额（元）', options: [] },
  major: { type: 'boolean', label: '重大执法决定', options: [] },
  outcome: { type: 'choice', label: '处理意见', options: [{ value: 'penalty', label: '给予行政处罚' }, { value: 'transfer', label: '移送' }] },
};
const again = (text) => write(treeOf(rowsOf(parse(text), ATTRIBUTES)));

test('what drop-downs show, they write the same', () => {
  for (const text of ['major == True', 'fine >= 10000 and major == True', 'outcome in ("penalty", "transfer")', 'fine > paid or major == False and outcome != "transfer"', 'fine < -3']) {
    assert.equal(again(text), text);
  }
});

test('denials become rows', () => {
  assert.equal(again('not major'), 'major == False');
  assert.equal(again('not (fine < 5 or major)'), 'fine >= 5 and major == False');
  assert.equal(again('10 <= fine < 500'), 'fine >= 10 and fine < 500');
});

test('what drop-downs cannot show stays text', () => {
  for (const text of ['fine * 2 > 3', 'fine == "a"', 'unknown == True', '1 == 1', 'True', 'outcome < "b"', '"pen" in outcome']) {
    assert.equal(rowsOf(parse(text), ATTRIBUTES), null, text);
  }
});

test('a fresh row of every attribute can be written and read', () => {
  for (const name of Object.keys(ATTRIBUTES)) {
    const row = freshRow(name, ATTRIBUTES);
    assert.ok(SIGNS_OF[ATTRIBUTES[name].type].includes(row.sign));
    const text = write(treeOf({ join: 'and', parts: [row] }));
    assert.deepEqual(examine(text, ATTRIBUTES).problems, []);
    assert.equal(again(text), text);
  }
  assert.equal(treeOf({ join: 'and', parts: [] }), null);
});

test('what is read but cannot be meant is named', () => {
  const problems = (text) => examine(text, ATTRIBUTES).problems;
  assert.match(problems('nobody == True')[0], /“nobody”没有在规则中声明/);
  assert.match(problems('major == 3')[0], /“重大执法决定”的值是是或者否，不能与数比较/);
  assert.match(problems('outcome in ("penalty", "fine")')[0], /“处理意见”没有“fine”这个选项/);
  assert.match(problems('3 < outcome')[0], /不能与数比较/);
  assert.match(problems('fine > major')[0], /不能与是或者否比较/);
  assert.deepEqual(problems('fine > paid and not major'), []);
  assert.equal(examine('fine >', ATTRIBUTES).tree, null);
});

test('names and sentences', () => {
  assert.deepEqual(names(parse('fine > paid and (major or fine == 3)')), ['fine', 'paid', 'major']);
  assert.equal(sentence(parse('"a" in outcome'), ATTRIBUTES), '处理意见 含有 “a”');
  assert.equal(sentence(parse('unknown == None'), {}), 'unknown 为 空');
});
