// The sample case that the preview is made with: the values this template speaks of, to be changed.
import { h } from 'preact';
import { Button, Field, Select, TextLine } from '../designer/controls.js';
import { getAt, setAt } from './template.js';

export function Sample({ sample, spoken, names, onInput, onReset, own, disabled }) {
  const paths = spoken.filter((path) => names.at(path) && !path.startsWith('document.') && !path.startsWith('history') && names.at(path).type !== 'record');
  const groups = new Map();
  for (const path of paths) {
    const [first, second] = path.split('.');
    const group = first === 'forms' ? names.at(`forms.${second}`)?.label ?? second : names.at(first)?.label ?? first;
    groups.set(group, [...groups.get(group) ?? [], path]);
  }
  return h('fieldset', { disabled },
    h('div', { class: 'row between' }, h('h2', null, '示例数据'), own && h(Button, { onClick: onReset }, '恢复')),
    h('p', { class: 'hint' }, '预览用的虚构案件，只列出这份文书用到的内容。'),
    [...groups].map(([group, list]) => h('fieldset', { key: group, class: 'paper-row' }, h('legend', null, group),
      list.map((path) => h(One, { key: path, value: names.at(path), given: getAt(sample, path), onInput: (next) => onInput(setAt(sample, path, next)) })))));
}

function One({ value, given, onInput }) {
  const label = value.label;
  if (value.type === 'list') return h(List, { value, given, onInput });
  if (value.type === 'boolean') return h(Select, { label, value: String(Boolean(given)), options: [['true', '是'], ['false', '否']], onInput: (text) => onInput(text === 'true') });
  if (value.type === 'choice' && value.options) return h(Select, { label, value: given, options: [['', '没有'], ...Object.entries(value.options)], onInput: (text) => onInput(text || null) });
  if (value.type === 'opinion' || value.type === 'law') {
    return h('div', null, Object.entries(value.fields ?? {}).map(([name, part]) => h(TextLine, { key: name, label: `${label}：${part.label}`, value: given?.[name], onInput: (text) => onInput({ ...given, [name]: text }) })));
  }
  if (value.type === 'choices') return h(TextLine, { label, hint: '用顿号分开', value: (given ?? []).join('、'), onDone: (text) => onInput((text ?? '').split('、').filter(Boolean)) });
  const number = value.type === 'number' && typeof given !== 'string';
  return h(TextLine, { label, value: given === null || given === undefined ? '' : typeof given === 'object' ? JSON.stringify(given) : String(given), onInput: (text) => onInput(text === '' ? null : number && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text) });
}

function List({ value, given, onInput }) {
  const rows = Array.isArray(given) ? given : [];
  const fields = Object.entries(value.fields ?? {}).filter(([, part]) => !part.fields);
  return h(Field, { label: value.label }, ({ id }) => h('div', { id, class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': value.label },
    h('table', { class: 'dz-options' }, h('thead', null, h('tr', null, fields.map(([name, part]) => h('th', { key: name, scope: 'col' }, part.label)), h('td', null))),
      h('tbody', null, rows.map((row, index) => h('tr', { key: index }, fields.map(([name, part]) => h('td', { key: name },
        h('input', { type: 'text', 'aria-label': `第 ${index + 1} 行${part.label}`, value: row?.[name] ?? '', onInput: (event) => onInput(rows.with(index, { ...row, [name]: event.target.value })) }))),
      h('td', null, h(Button, { 'aria-label': `删除第 ${index + 1} 行`, onClick: () => onInput(rows.toSpliced(index, 1)) }, '✕')))))),
    h(Button, { onClick: () => onInput([...rows, Object.fromEntries(fields.map(([name, part]) => [name, `（${part.label}）`]))]) }, '＋ 行')));
}
