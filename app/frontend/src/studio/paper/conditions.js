// The condition of a block, a row or a piece of text: drop-downs where it is a list of comparisons, else as it is written.
import { h } from 'preact';
import { Button, Select, TextLine } from '../designer/controls.js';
import { flat, grouped } from '../values.js';
import { expressionOf, inWords, OPERATORS, rowsOf, takesList, takesValue, YES_NO } from './expressions.js';

const MODES = [['and', '同时满足以下各项'], ['or', '满足以下任一项']];
const BY_TYPE = {
  choice: ['eq', 'ne', 'in', 'notIn', 'filled', 'empty'], choices: ['contains', 'lacks', 'filled', 'empty'], number: ['gt', 'ge', 'lt', 'le', 'eq', 'ne'], boolean: ['filled', 'empty'],
  money: ['filled', 'empty'], list: ['filled', 'empty'], record: ['filled', 'empty', 'defined', 'undefined'],
};
const ANY = ['filled', 'empty', 'eq', 'ne', 'contains', 'lacks'];

function fields(names) {
  const short = Object.keys(names.short).map((name) => [name, names.value(names.short[name])?.label ? `${names.value(names.short[name]).label}（${name}）` : name]);
  const local = Object.entries(names.local).filter(([, value]) => value?.fields).flatMap(([name, value]) => Object.entries(value.fields).map(([field, { label }]) => [`${name}.${field}`, `本项：${label}`]));
  return [...local.length ? [['本项', local]] : [], ...grouped(flat(names.values)), ...short.length ? [['简称', short]] : []];
}

export function Conditions({ title, source, names, onInput, hint = '一直有', disabled = false }) {
  const known = rowsOf(source);
  const said = source ? inWords(source, (path) => names.named(path)) : '';
  const put = (next) => onInput(next.rows.length ? expressionOf(next) : undefined);
  return h('fieldset', { class: 'dz-condition', disabled },
    h('legend', null, title),
    h('p', { class: 'dz-said' }, said || hint),
    known ? h(Rows, { known, names, put }) : h(TextLine, { label: '条件的写法', hint: '这个条件比较复杂，请按模板语言修改', value: source, optional: true, onInput }));
}

function Rows({ known, names, put }) {
  const { mode, rows } = known;
  const change = (index, row) => put({ mode, rows: row ? rows.with(index, row) : rows.toSpliced(index, 1) });
  return h('div', { class: 'dz-group' },
    rows.length > 1 && h(Select, { bare: true, label: '各项的关系', value: mode, options: MODES, onInput: (as) => put({ mode: as, rows }) }),
    rows.map((row, index) => h(Row, { key: index, number: index + 1, row, names, onInput: (next) => change(index, next) })),
    h(Button, { onClick: () => put({ mode, rows: [...rows, { path: 'party.name', suffix: '', op: 'filled' }] }) }, '＋ 条件'));
}

function Row({ row, names, number, onInput }) {
  const value = names.at(row.path);
  const operators = [...new Set([...BY_TYPE[value?.type] ?? ANY, row.op])].map((op) => [op, (value?.type === 'boolean' && YES_NO[op]) || OPERATORS[op]]);
  const first = (op, type, options) => {
    if (!takesValue(op)) return {};
    const kept = Array.isArray(row.value) ? row.value[0] : row.value;
    const begun = kept ?? (type === 'number' ? 0 : Object.keys(options ?? {})[0] ?? '');
    return { value: takesList(op) ? [begun] : begun };
  };
  const choose = (path) => {
    const next = names.at(path);
    const [op] = BY_TYPE[next?.type] ?? ANY;
    onInput({ path, suffix: '', op, ...takesValue(op) ? { value: next?.type === 'number' ? 0 : Object.keys(next?.options ?? {})[0] ?? '' } : {} });
  };
  const options = value?.options ? Object.entries(value.options) : null;
  return h('div', { class: 'dz-leaf', role: 'group', 'aria-label': `第 ${number} 项条件` },
    h(Select, { bare: true, label: '内容', value: row.path, options: fields(names), onInput: choose }),
    h(Select, { bare: true, label: '比较', value: row.op, options: operators, onInput: (op) => onInput({ path: row.path, suffix: row.suffix, op, ...first(op, value?.type, value?.options) }) }),
    takesValue(row.op) && (options && !takesList(row.op)
      ? h(Select, { bare: true, label: '值', value: row.value, options, onInput: (text) => onInput({ ...row, value: text }) })
      : h('input', {
        type: 'text', 'aria-label': takesList(row.op) ? '值，用顿号分开' : '值', value: takesList(row.op) ? row.value.join('、') : row.value,
        onChange: (event) => onInput({ ...row, value: takesList(row.op) ? event.target.value.split(/[、,，]/).filter(Boolean) : typed(value, event.target.value) }),
      })),
    h(Button, { 'aria-label': `删除第 ${number} 项条件`, title: '删除', onClick: () => onInput(null) }, '✕'));
}

const typed = (value, text) => (value?.type === 'number' && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
