import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChoice, readText, tidyCondition, writeChoice, writeText } from '../src/studio/tables/cell_text.js';
import * as changes from '../src/studio/tables/changes.js';

test('what people type becomes what a table says', () => {
  const typed = {
    '≥1万': '>= 10000', '＜ 50,000': '< 50000', '（0。。3]': '(0..3]', '1，2、3': '1, 2, 3', '不限': '-', '  ': '', '>=major_fine': '>= major_fine',
    '1.5万元': '15000', '【10000…50000）': '[10000..50000)', 'not（１，２）': 'not(1, 2)', '1,234,567': '1234567', '100,200,300': '100200300', '1,20': '1, 20',
  };
  for (const [text, wanted] of Object.entries(typed)) assert.equal(tidyCondition(text), wanted, text);
});

test('a choice is read and written back, and what is no list of texts is left alone', () => {
  for (const text of ['-', '"a"', '"a", "b"', 'not("a", "b")']) assert.equal(writeChoice(readChoice(text)), text);
  for (const text of ['a', '"a', 'not("a"', '>= 3', '"a" "b"']) assert.equal(readChoice(text), null, text);
  assert.equal(readText('"从轻"'), '从轻');
  assert.equal(writeText('从"轻'), '"从轻"');
  assert.equal(writeText(' '), '');
});

const cell = (text) => ({ text, node: null });
const MODEL = {
  inputs: [{ id: 'a', name: 'fine', kind: 'number', label: '' }, { id: 'b', name: 'party', kind: 'choice', label: '' }],
  outputs: [{ id: 'o', name: 'x', kind: 'boolean', label: '' }],
  rows: [{ id: '1', note: '', cells: [cell('1'), cell('-')], results: [cell('true')] }, { id: '2', note: '', cells: [cell('2'), cell('"p"')], results: [cell('')] }],
};
const texts = (model) => model.rows.map((row) => [...row.cells, ...row.results].map((each) => each.text).join('|'));

test('changes keep rows and columns together and leave the model before them as it was', () => {
  const before = structuredClone(MODEL);
  assert.deepEqual(texts(changes.moveColumn('inputs', 0, 1)(MODEL)), ['-|1|true', '"p"|2|']);
  assert.deepEqual(texts(changes.removeColumn('inputs', 0)(MODEL)), ['-|true', '"p"|']);
  assert.deepEqual(texts(changes.addInput({ name: 'h', label: '', type: 'boolean' })(MODEL)), ['1|-|-|true', '2|"p"|-|']);
  assert.deepEqual(texts(changes.addRow(1, { like: 0 })(MODEL)), ['1|-|true', '1|-|true', '2|"p"|']);
  assert.deepEqual(texts(changes.addRow(2, { cells: ['> 2', '-'] })(MODEL)), ['1|-|true', '2|"p"|', '> 2|-|']);
  assert.deepEqual(texts(changes.moveRow(1, -1)(MODEL)), ['2|"p"|', '1|-|true']);
  assert.equal(changes.moveRow(0, -1)(MODEL).rows, MODEL.rows);
  assert.deepEqual(texts(changes.setColumn('inputs', 1, { name: 'other', kind: 'choice', label: '' })(MODEL)), ['1|-|true', '2|-|']);
  assert.deepEqual(texts(changes.setColumn('inputs', 1, { name: 'party', kind: 'choice', label: '新' })(MODEL)), texts(MODEL));
  assert.deepEqual(MODEL, before);
});
