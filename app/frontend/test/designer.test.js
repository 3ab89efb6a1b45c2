import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../src/studio/history.js';
import * as form from '../src/studio/designer/definition.js';
import { facts, firstLeaf, sentence, treeOf, valueOf, withOperator } from '../src/studio/designer/condition_tree.js';

const RAW = {
  key: 'f', title: '表', version: 1,
  items: [
    { type: 'section', label: '一' },
    { type: 'radio', key: 'outcome', label: '处理意见', options: [{ value: 'penalty', label: '处罚' }, { value: 'none', label: '不罚' }] },
    { type: 'section', label: '二' },
    { type: 'money', key: 'fine', label: '罚款', visibleWhen: { all: [{ field: 'outcome', op: 'eq', value: 'penalty' }] } },
    { type: 'opinion', key: 'opinion', label: '意见', options: ['agree', 'amend'] },
  ],
  writes: { fine: { field: 'fine' }, harsh: { when: { field: 'outcome', op: 'ne', value: 'none' } } },
  prefill: { fine: 'forms.a.fine' },
  rights: [{ step: 's', fields: { fine: 'read' } }],
};
const opened = () => form.open(JSON.stringify(RAW));
const labels = (state) => state.items.map(({ raw }) => raw.label);
const idOf = (state, label) => state.items.find(({ raw }) => raw.label === label).id;

test('what was opened and not touched is written as it was', () => {
  assert.deepEqual(form.definitionOf(opened()), RAW);
  assert.equal(form.open('{"a":'), null);
  assert.equal(form.open('[]'), null);
});

test('a new item gets a key that nobody has', () => {
  let state = opened();
  const first = form.add(state, 'text', 1);
  const second = form.add(first.state, 'text');
  assert.equal(form.find(second.state, first.id).raw.key, 'text_1');
  assert.equal(form.find(second.state, second.id).raw.key, 'text_2');
  assert.equal(form.indexOf(second.state, first.id), 1);
  state = form.duplicate(state, idOf(state, '罚款'));
  assert.equal(form.find(state.state, state.id).raw.key, 'fine_2');
});

test('a heading moves with its group, an item alone', () => {
  const state = opened();
  assert.deepEqual(labels(form.step(state, idOf(state, '二'), -1)), ['二', '罚款', '意见', '一', '处理意见']);
  assert.deepEqual(labels(form.step(state, idOf(state, '一'), 1)), ['二', '罚款', '意见', '一', '处理意见']);
  assert.deepEqual(labels(form.step(state, idOf(state, '意见'), -1)), ['一', '处理意见', '二', '意见', '罚款']);
  assert.deepEqual(labels(form.step(state, idOf(state, '意见'), 1)), labels(state));
  assert.deepEqual(labels(form.move(state, idOf(state, '意见'), 1)), ['一', '意见', '处理意见', '二', '罚款']);
});

test('a renamed field is renamed in conditions, writes, sources and rights', () => {
  let state = opened();
  state = form.rename(state, idOf(state, '处理意见'), 'proposal');
  state = form.rename(state, idOf(state, '罚款'), 'sum');
  const raw = form.definitionOf(state);
  assert.equal(raw.items[3].visibleWhen.all[0].field, 'proposal');
  assert.deepEqual(raw.writes, { fine: { field: 'sum' }, harsh: { when: { field: 'proposal', op: 'ne', value: 'none' } } });
  assert.deepEqual([raw.prefill, raw.rights], [{ sum: 'forms.a.fine' }, [{ step: 's', fields: { sum: 'read' } }]]);
});

test('a key given twice renames nothing, so that nothing is mixed up', () => {
  let state = form.add(opened(), 'text');
  const { id } = state;
  state = form.rename(state.state, id, 'outcome');
  state = form.rename(state, id, 'other');
  assert.equal(form.definitionOf(state).items[3].visibleWhen.all[0].field, 'outcome');
});

test('with an item goes what only speaks of it', () => {
  const state = opened();
  const raw = form.definitionOf(form.remove(state, idOf(state, '罚款')));
  assert.deepEqual(Object.keys(raw.writes), ['harsh']);
  assert.ok(!('prefill' in raw) && !('rights' in raw));
});

test('a right is written where it belongs and leaves no empty entries', () => {
  const place = { node: 'n', step: 's' };
  let state = opened();
  assert.equal(form.rightOf(state, place, 'fine'), 'read');
  state = form.setRight(state, place, 'fine', 'write', true);
  assert.equal(state.head.rights, undefined);
  state = form.setRight(state, place, 'outcome', 'hide', false);
  assert.deepEqual(state.head.rights, [{ node: 'n', fields: { outcome: 'hide' } }]);
  const inherited = form.setRight(opened(), place, 'fine', 'write', false);
  assert.deepEqual(inherited.head.rights, [{ step: 's', fields: { fine: 'read' } }, { node: 'n', fields: { fine: 'write' } }]);
  assert.equal(form.rightOf(inherited, place, 'fine'), 'write');
});

test('undo takes back a step, typing on is one', () => {
  const history = new History('a');
  history.enter('ab', 'label', 0);
  history.enter('abc', 'label', 100);
  history.enter('X', 'other', 200);
  assert.ok(history.undo());
  assert.equal(history.present, 'abc');
  history.undo();
  assert.deepEqual([history.present, history.canUndo, history.canRedo], ['a', false, true]);
  history.redo();
  history.enter('new');
  assert.deepEqual([history.present, history.canRedo], ['new', false]);
});

test('conditions are said in Chinese', () => {
  const known = facts(RAW.items);
  const say = (tree) => sentence(tree, known);
  assert.equal(say(RAW.items[3].visibleWhen), '“处理意见”是“处罚”');
  assert.equal(
    say({ any: [{ field: 'fine', op: 'gte', value: 50000 }, { all: [{ field: 'outcome', op: 'in', value: ['penalty', 'none'] }, { not: { field: 'opinion.stance', op: 'eq', value: 'amend' } }] }] }),
    '“罚款”不小于 50000，或者（“处理意见”是“处罚”、“不罚”之一，并且并非（“意见：意见”是“修改后再报”））',
  );
  assert.equal(say({ field: 'opinion.text', op: 'empty' }), '“意见：理由”没有填写');
  assert.equal(say(undefined), '');
});

test('a comparison keeps its value as far as it fits the operator', () => {
  const [outcome, fine] = facts(RAW.items);
  const leaf = firstLeaf(outcome);
  assert.deepEqual(leaf, { field: 'outcome', op: 'eq', value: 'penalty' });
  assert.deepEqual(withOperator(leaf, 'in', outcome).value, ['penalty']);
  assert.deepEqual(withOperator({ ...leaf, op: 'in', value: ['none', 'penalty'] }, 'ne', outcome).value, 'none');
  assert.ok(!('value' in withOperator(leaf, 'empty', outcome)));
  assert.equal(valueOf(fine, '500'), 500);
  assert.equal(valueOf(fine, '5万'), '5万');
  assert.equal(treeOf('all', []), undefined);
  assert.equal(treeOf('all', [leaf]), leaf);
});
