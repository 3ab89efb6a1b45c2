import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { RuleText } from '../src/studio/rules/text.js';
import { conditionWords, entryWords, limitWord } from '../src/studio/rules/words.js';

const SHIPPED = readFileSync(new URL('../../../bpmn/penalty/ordinary/rules.yaml', import.meta.url), 'utf8');
const WRITTEN = `# 开头的话
key: a/b
attributes:
  # 罚款
  fine: {type: number, default: 0, label: 罚款}   # 元
  open: {type: boolean, default: false}
unknown_part: {kept: [1, 2]}
clocks:
- {id: one, name: 一, limit: 5wd}
# 第二个
- {id: two, name: 二, limit: 90d}
flags: {old: "yes", plain: 'on'}
`;

test('what is not changed stays as it was written, comments and order and all', () => {
  const text = new RuleText(WRITTEN);
  text.set(['attributes', 'fine', 'label'], '罚款金额');
  const written = text.toString();
  assert.equal(written.split('\n').filter((line, at) => line !== WRITTEN.split('\n')[at]).length <= 4, true, written);
  for (const kept of ['# 开头的话', '# 罚款\n', '# 元', 'unknown_part: {kept: [1, 2]}', '# 第二个', '"yes"', '罚款金额']) assert.ok(written.includes(kept), kept);
  assert.deepEqual(Object.keys(parse(written)), ['key', 'attributes', 'unknown_part', 'clocks', 'flags']);
});

test('the shipped rule set says the same after it was read and written', () => {
  const text = new RuleText(SHIPPED);
  assert.equal(text.fault, '');
  assert.deepEqual(parse(text.toString(), { version: '1.1' }), parse(SHIPPED, { version: '1.1' }));
  assert.equal(text.toString().match(/#/g).length, SHIPPED.match(/#/g).length);
});

test('entries are put, renamed, moved and taken away', () => {
  const text = new RuleText(WRITTEN);
  text.set(['clocks', 0, 'warn'], '2wd').move(['clocks'], 0, 1);
  assert.deepEqual(text.get(['clocks']).map((each) => [each.id, each.warn]), [['two', undefined], ['one', '2wd']]);
  text.rename(['attributes'], 'fine', 'amount');
  assert.deepEqual(Object.keys(text.get(['attributes'])), ['amount', 'open']);
  text.rename(['attributes'], 'amount', 'open'); // taken
  assert.deepEqual(Object.keys(text.get(['attributes'])), ['amount', 'open']);
  text.remove(['clocks'], 0);
  text.set(['voids', 'notice'], ['plea']);
  text.set(['flags'], undefined);
  assert.deepEqual(parse(text.toString()).voids, { notice: ['plea'] });
  assert.equal(text.get(['clocks']).length, 1);
  assert.equal(text.get(['flags']), undefined);
});

test('an empty section and an empty text take entries', () => {
  const text = new RuleText('key: a\nclocks:\n');
  text.set(['clocks'], [{ id: 'x' }]).set(['clocks', 0, 'name'], '办案');
  assert.deepEqual(parse(text.toString()), { key: 'a', clocks: [{ id: 'x', name: '办案' }] });
  assert.deepEqual(parse(new RuleText('').set(['attributes', 'a'], { type: 'boolean' }).toString()), { attributes: { a: { type: 'boolean' } } });
});

test('a scalar that changes its type is written as what it is', () => {
  const text = new RuleText('a: "12"\nb: 12\nc: true\n');
  text.set(['a'], 12).set(['b'], '12').set(['c'], 'true');
  assert.deepEqual(parse(text.toString(), { version: '1.1' }), { a: 12, b: '12', c: 'true' });
  assert.deepEqual(parse(new RuleText('a: x\n').set(['a'], 'yes').toString(), { version: '1.1' }), { a: 'yes' });
});

test('what cannot be edited says so with its line', () => {
  assert.match(new RuleText('a: 1\nb: [').fault, /写法不对/);
  assert.match(new RuleText('a: 1\na: 2\n').fault, /第 2 行同一名称写了两次/);
  assert.match(new RuleText('a: &x [1]\nb: *x\n').fault, /引用/);
  assert.match(new RuleText('- 1\n').fault, /不是“名称: 内容”/);
});

const NAMES = {
  attributes: [
    { name: 'fine', label: '罚款金额', type: 'number', options: [] },
    { name: 'party', label: '当事人', type: 'choice', options: [{ value: 'person', label: '自然人' }, { value: 'org', label: '单位' }] },
    { name: 'harsh', label: '吊销', type: 'boolean', options: [] },
  ],
  params: [{ name: 'major', label: '较大数额', value: 10000 }],
  steps: [{ tag: 'decide', names: ['作出决定'], form: '' }],
};

test('conditions are Chinese sentences', () => {
  const tree = { all: [{ field: 'party', op: 'in', value: ['person', 'org'] }, { any: [{ field: 'fine', op: 'gte', value: { param: 'major' } }, { field: 'harsh', op: 'eq', value: true }] }, { not: { field: 'fine', op: 'lt', value: 50000 } }] };
  assert.equal(conditionWords(tree, NAMES), '“当事人”是其中之一“自然人”、“单位”，并且（“罚款金额”大于等于较大数额（10,000），或者“吊销”为“是”），并且并非（“罚款金额”小于 50,000）');
  assert.equal(conditionWords({ field: 'harsh', op: 'ne', value: true }, NAMES), '“吊销”为“否”');
  assert.equal(conditionWords(undefined, NAMES), '');
});

test('the headline of an entry names steps and needs as people do', () => {
  const section = { summary: ['before', 'needs'], fields: [{ name: 'before', kind: 'steps' }, { name: 'needs', kind: 'needs' }] };
  assert.equal(entryWords(section, { before: ['decide.*'], needs: ['decide', 'harsh'] }, NAMES, {}), '作出决定的下级环节 · 须作出决定、“吊销”');
  assert.equal(limitWord('5wd'), '5 个工作日');
});
