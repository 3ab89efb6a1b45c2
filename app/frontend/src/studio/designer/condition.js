// A condition built with drop-downs, shown as the sentence it says.
import { h } from 'preact';
import { Button, Select } from './controls.js';
import {
  firstLeaf, isLeaf, modeOf, operatorsOf, OPERATORS, partsOf, sentence, takesList, takesValue, treeOf, valueOf, withOperator,
} from './condition_tree.js';

const MODES = [['all', '同时满足以下各项'], ['any', '满足以下任一项']];
const DEEPEST = 4;

export function Condition({ title, hint, tree, known, onInput, errors = [] }) {
  const said = sentence(tree, known);
  return h('fieldset', { class: `dz-condition${errors.length ? ' wrong' : ''}` },
    h('legend', null, title),
    h('p', { class: 'dz-said' }, said || hint),
    h(Group, { tree, known, onInput, depth: 1 }),
    errors.length > 0 && h('p', { class: 'field-error' }, errors.join(' ')));
}

function Group({ tree, known, onInput, depth }) {
  if (tree?.not) {
    return h('div', { class: 'dz-not' }, h('p', null, '以下条件不成立：'),
      h(Group, { tree: tree.not, known, depth: depth + 1, onInput: (inner) => onInput(inner === undefined ? undefined : { not: inner }) }));
  }
  const mode = modeOf(tree);
  const parts = partsOf(tree);
  const put = (list, as = mode) => onInput(depth > 1 && list.length ? { [as]: list } : treeOf(as, list));
  const change = (index, part) => put(part === undefined ? parts.toSpliced(index, 1) : parts.with(index, part));
  return h('div', { class: 'dz-group' },
    parts.length > 1 && h(Select, { bare: true, label: '各项的关系', value: mode, options: MODES, onInput: (as) => put(parts, as) }),
    parts.map((part, index) => (isLeaf(part)
      ? h(Leaf, { key: index, number: index + 1, leaf: part, known, onInput: (leaf) => change(index, leaf) })
      : h('div', { key: index, class: 'dz-inner' }, h(Group, { tree: part, known, depth: depth + 1, onInput: (inner) => change(index, inner) })))),
    h('div', { class: 'row' },
      h(Button, { disabled: !known.length, onClick: () => put([...parts, firstLeaf(known[0])]) }, '＋ 条件'),
      depth < DEEPEST && parts.length > 0 && h(Button, { onClick: () => put([...parts, { [mode === 'all' ? 'any' : 'all']: [firstLeaf(known[0])] }]) }, '＋ 一组条件')));
}

function Leaf({ leaf, known, number, onInput }) {
  const fact = known.find(({ name }) => name === leaf.field);
  const options = known.map(({ name, label }) => [name, label]);
  const operators = [...new Set([...operatorsOf(fact), leaf.op])].filter(Boolean).map((op) => [op, OPERATORS[op] ?? op]);
  return h('div', { class: 'dz-leaf', role: 'group', 'aria-label': `第 ${number} 项条件` },
    h(Select, { bare: true, label: '字段', value: leaf.field, options, onInput: (name) => onInput(firstLeaf(known.find((each) => each.name === name))) }),
    h(Select, { bare: true, label: '比较', value: leaf.op, options: operators, onInput: (op) => onInput(withOperator(leaf, op, fact)) }),
    takesValue(leaf.op) && h(Value, { leaf, fact, onInput: (value) => onInput({ ...leaf, value }) }),
    h(Button, { 'aria-label': `删除第 ${number} 项条件`, title: '删除', onClick: () => onInput(undefined) }, '✕'));
}

function Value({ leaf, fact, onInput }) {
  if (takesList(leaf.op) && fact?.options) {
    const chosen = (Array.isArray(leaf.value) ? leaf.value : []).map(String);
    return h('span', { class: 'dz-values', role: 'group', 'aria-label': '值' }, fact.options.map(({ value, label }) => h('label', { class: 'dz-check', key: value },
      h('input', { type: 'checkbox', checked: chosen.includes(value), onChange: (event) => onInput(fact.options.map((o) => o.value).filter((each) => (each === value ? event.target.checked : chosen.includes(each)))) }), h('span', null, label))));
  }
  if (takesList(leaf.op)) {
    const text = (Array.isArray(leaf.value) ? leaf.value : []).join('、');
    return h('input', { type: 'text', 'aria-label': '值，用顿号分开', value: text, onChange: (event) => onInput(event.target.value.split(/[、,，]/).map((each) => each.trim()).filter(Boolean).map((each) => valueOf(fact, each))) });
  }
  if (fact?.options) return h(Select, { bare: true, label: '值', value: leaf.value, options: fact.options.map(({ value, label }) => [value, label]), onInput });
  return h('input', { type: fact?.kind === 'date' ? 'date' : 'text', 'aria-label': '值', value: leaf.value ?? '', onInput: (event) => onInput(valueOf(fact, event.target.value)) });
}
