// What a form decides: each routing attribute is a copy of one answer, or whether a condition holds.
import { h } from 'preact';
import { Button, Fold, messagesAt, Select } from './controls.js';
import { Condition } from './condition.js';
import { facts, firstLeaf } from './condition_tree.js';
import { copies } from './types.js';

export function Writes({ writes, items, attributes, problems, onInput }) {
  const raws = items.map(({ raw }) => raw);
  const known = facts(raws);
  const copied = raws.filter((raw) => raw.key && copies(raw.type)).map((raw) => [raw.key, raw.label]);
  for (const fact of known) if (/\.(stance|kind)$/.test(fact.name)) copied.push([fact.name, fact.label]);
  const names = Object.entries(attributes).map(([name, { label }]) => [name, label]);
  const free = names.filter(([name]) => !(name in writes));
  const put = (name, source) => onInput(Object.fromEntries(Object.entries(writes).map(([each, old]) => [each, each === name ? source : old])));
  const drop = (name) => onInput(Object.fromEntries(Object.entries(writes).filter(([each]) => each !== name)));
  const add = (name) => name && onInput({ ...writes, [name]: copied.length ? { field: copied[0][0] } : { when: known.length ? firstLeaf(known[0]) : {} } });
  return h(Fold, { title: '决定流程走向（写入属性）', count: Object.keys(writes).length, open: true },
    h('p', { class: 'hint' }, '流程图的分支只看这些属性，由系统根据填写的内容计算，不能直接填写。'),
    messagesAt(problems, 'writes').map((message) => h('p', { class: 'field-error', key: message }, message)),
    Object.entries(writes).map(([name, source]) => h('div', { key: name, class: 'dz-write', role: 'group', 'aria-label': `属性“${attributes[name]?.label ?? name}”` },
      h('div', { class: 'row between' }, h('strong', null, attributes[name]?.label ?? name), h(Button, { 'aria-label': `不再写入属性“${attributes[name]?.label ?? name}”`, onClick: () => drop(name) }, '✕')),
      h(Select, {
        bare: true, label: '怎样得出', value: source?.when ? 'when' : 'field', options: [['field', '等于一项填写的内容'], ['when', '条件成立时为“是”']],
        onInput: (how) => put(name, how === 'field' ? { field: copied[0]?.[0] ?? '' } : { when: known.length ? firstLeaf(known[0]) : {} }),
      }),
      source?.when
        ? h(Condition, { title: '条件', hint: '请添加条件', tree: source.when, known, onInput: (tree) => put(name, { when: tree ?? {} }) })
        : h(Select, { bare: true, label: '取自', value: source?.field ?? '', options: copied, onInput: (field) => put(name, { field }) }),
      messagesAt(problems, `writes.${name}`).map((message) => h('p', { class: 'field-error', key: message }, message)))),
    h(Select, { label: '添加要写入的属性', value: '', options: [['', free.length ? '选择属性' : '没有可以添加的属性'], ...free], onInput: add }));
}
