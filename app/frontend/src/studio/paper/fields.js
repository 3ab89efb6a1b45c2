// The fields of each kind of block.
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { Button, Check, Select, TextLine } from '../designer/controls.js';
import { flat, grouped } from '../values.js';
import { Conditions } from './conditions.js';
import { FormTable } from './form_table.js';
import { closed, isLine, opened } from './kinds.js';
import { RichText } from './rich.js';

const ALIGN = [['', '按样式'], ['left', '左'], ['center', '中'], ['right', '右']];

function without(object, name) {
  const { [name]: _, ...rest } = object;
  return rest;
}
export const put = (object, name, value) => (value === undefined ? without(object, name) : { ...object, [name]: value });
export const numbers = (text) => text.split(/[、,，\s]+/).filter(Boolean).map((each) => (/^\d+(\.\d+)?$/.test(each) ? Number(each) : each));

/** The names inside a repetition. */
export const within = (names, value) => (value?.each ? names.with(String(value.as ?? 'item'), value.each) : names);

export function BlockFields({ kind, value, names, onInput, disabled }) {
  const edited = opened(kind, value);
  const change = (next) => onInput(closed(kind, next));
  const set = (name, given) => change(put(edited, name, given));
  const rich = (name, label, more = {}) => h(RichText, { label, value: edited[name], names, disabled, onInput: (text) => set(name, text), ...more });
  if (isLine(kind)) return rich('text', '文字', { line: !['title', 'note'].includes(kind) });
  switch (kind) {
    case 'p':
      return h('div', null, rich('text', '文字', { hint: '每换一行成为一个段落' }), h('div', { class: 'row' },
        h(Check, { label: '首行空两格', checked: edited.indent ?? (edited.align ?? 'left') === 'left', disabled, onInput: (on) => set('indent', on) }),
        h(Select, { bare: true, label: '对齐', value: edited.align ?? '', options: ALIGN, disabled, onInput: (align) => set('align', align || undefined) })));
    case 'kv':
      return h(Rows, { title: '行', rows: edited.rows, names, disabled, fresh: { label: '标签', text: '内容' }, texts: [['label', '标签', true], ['text', '内容']], onInput: (rows) => set('rows', rows) });
    case 'ol':
      return h('div', null,
        h(Select, { label: '编号', value: edited.style ?? 'number', options: [['number', '1. 2. 3.'], ['cn', '（一）（二）（三）']], disabled, onInput: (style) => set('style', style === 'number' ? undefined : style) }),
        h(Rows, { title: '项', rows: edited.items, names, disabled, fresh: { text: '内容' }, texts: [['text', '内容']], onInput: (items) => set('items', items) }));
    case 'qa':
      return h(Rows, { title: '问答', rows: edited.items, names, disabled, fresh: { q: '问题', a: '回答' }, texts: [['q', '问'], ['a', '答']], onInput: (items) => set('items', items) });
    case 'sign':
      return h('div', null, rich('agency', '机关', { line: true }), rich('date', '日期', { line: true }),
        h(Check, { label: '盖印章', checked: edited.seal, disabled, onInput: (on) => set('seal', on || undefined) }), h(Check, { label: '印二维码', checked: edited.qr, disabled, onInput: (on) => set('qr', on || undefined) }));
    case 'signatures':
      return h('div', null, rich('statement', '声明（当事人确认的话）'),
        h(Check, { label: '声明由当事人抄写', checked: edited.blank, disabled, onInput: (on) => set('blank', on || undefined) }),
        h(Rows, { title: '签名', rows: edited.lines, names, disabled, fresh: { role: '当事人' }, texts: [['role', '身份', true], ['name', '姓名（不填留空签名）', true], ['note', '小字说明', true]], optional: ['name', 'note'], onInput: (lines) => set('lines', lines) }));
    case 'table':
      return h(Table, { edited, names, disabled, set, change });
    case 'form_table':
      return h(FormTable, { edited, names, disabled, onInput: change });
    default:
      return null;
  }
}

/** Rows of texts, each with a condition and a repetition where it has one. */
export function Rows({ title, rows, names, texts, fresh, optional = [], disabled, onInput }) {
  const move = (index, by) => onInput(rows.with(index, rows[index + by]).with(index + by, rows[index]));
  return h('div', { class: 'paper-rows' }, rows.map((row, index) => {
    const change = (next) => onInput(rows.with(index, next));
    const inside = within(names, row);
    return h('fieldset', { key: index, class: 'paper-row' }, h('legend', null, `第 ${index + 1} ${title === '行' ? '行' : '项'}`),
      texts.map(([name, label, line]) => h(RichText, { key: name, label, line, value: row[name], names: inside, disabled, onInput: (text) => change(put(row, name, optional.includes(name) && !text ? undefined : text)) })),
      h(Extras, { value: row, names, disabled, onInput: change }),
      !disabled && h('div', { class: 'row' },
        h(Button, { disabled: index === 0, 'aria-label': `第 ${index + 1} 项上移`, onClick: () => move(index, -1) }, '↑'),
        h(Button, { disabled: index === rows.length - 1, 'aria-label': `第 ${index + 1} 项下移`, onClick: () => move(index, 1) }, '↓'),
        h(Button, { onClick: () => onInput(rows.toSpliced(index, 1)), 'aria-label': `删除第 ${index + 1} 项` }, '删除')));
  }), !disabled && h(Button, { onClick: () => onInput([...rows, structuredClone(fresh)]) }, `＋ ${title}`));
}

/** Condition and repetition, shown where there is one or where somebody wants one. */
export function Extras({ value, names, disabled, onInput, repeats = true }) {
  const [wanted, want] = useState(false);
  if (!wanted && !value.if && !value.each) return disabled ? null : h(Button, { onClick: () => want(true) }, repeats ? '条件、逐项…' : '条件…');
  return h('div', null,
    h(Conditions, { title: '何时有这一项', source: value.if, names: within(names, value), disabled, onInput: (source) => onInput(put(value, 'if', source)) }),
    repeats && h(Each, { value, names, disabled, onInput }));
}

export function Each({ value, names, disabled, onInput }) {
  const lists = grouped(flat(names.values).filter(({ value: found }) => found.type === 'list'));
  const short = Object.keys(names.short).flatMap((name) => Object.entries(names.at(name)?.fields ?? {}).filter(([, found]) => found.type === 'list').map(([field, found]) => [`${name}.${field}`, `${found.label}（${name}.${field}）`]));
  const options = [['', '不逐项'], ...short.length ? [['简称', short]] : [], ...lists];
  const choose = (each) => onInput(each ? { ...value, each, as: value.as ?? 'item' } : without(without(value, 'each'), 'as'));
  return h('div', { class: 'dz-pair' },
    h(Select, { label: '逐项取自', value: value.each ?? '', options, disabled, onInput: choose }),
    value.each && h(TextLine, { label: '每项简称', value: value.as ?? 'item', disabled, onInput: (as) => onInput({ ...value, as: as || 'item' }) }));
}

function Table({ edited, names, disabled, set, change }) {
  const head = edited.head ?? [];
  const inside = within(names, edited);
  const column = (index, by) => {
    const cut = (list, given) => (by > 0 ? [...list, given] : list.toSpliced(index, 1));
    const next = { ...edited, head: cut(head, '列名'), widths: cut(edited.widths ?? [], 40) };
    if (edited.cells) next.cells = cut(edited.cells, '');
    if (edited.rows) next.rows = edited.rows.map((row) => cut(row, ''));
    change(next);
  };
  const repeat = (next) => {
    const cells = edited.cells ?? edited.rows?.[0] ?? head.map(() => '');
    if (next.each) change({ ...without(next, 'rows'), cells });
    else change({ ...without(without(without(next, 'each'), 'as'), 'cells'), rows: edited.rows ?? [cells] });
  };
  const rows = edited.each ? [edited.cells ?? []] : edited.rows ?? [];
  const putCell = (row, index, text) => (edited.each ? set('cells', (edited.cells ?? []).with(index, text)) : set('rows', rows.with(row, rows[row].with(index, text))));
  return h('div', null,
    h(RichText, { label: '表名', line: true, value: edited.caption ?? '', names, disabled, onInput: (text) => set('caption', text || undefined) }),
    h(Each, { value: edited, names, disabled, onInput: repeat }),
    h(TextLine, { label: '各列宽度（毫米）', value: (edited.widths ?? []).join('、'), disabled, onDone: (text) => set('widths', numbers(text ?? '')) }),
    head.map((cell, index) => h('fieldset', { key: index, class: 'paper-row' }, h('legend', null, `第 ${index + 1} 列`),
      h(RichText, { label: '列名', line: true, value: cell, names, disabled, onInput: (text) => set('head', head.with(index, text)) }),
      rows.map((row, number) => h(RichText, { key: number, label: edited.each ? '每行的内容' : `第 ${number + 1} 行的内容`, value: row[index] ?? '', names: inside, disabled, onInput: (text) => putCell(number, index, text) })),
      !disabled && head.length > 1 && h(Button, { onClick: () => column(index, -1), 'aria-label': `删除第 ${index + 1} 列` }, '删除这一列'))),
    !disabled && h('div', { class: 'row' }, h(Button, { onClick: () => column(0, 1) }, '＋ 列'),
      !edited.each && h(Button, { onClick: () => set('rows', [...rows, head.map(() => '')]) }, '＋ 行'),
      !edited.each && rows.length > 1 && h(Button, { onClick: () => set('rows', rows.slice(0, -1)) }, '删除末行')),
    h(TextLine, { label: '没有内容时写', optional: true, value: edited.empty, disabled, onInput: (text) => set('empty', text) }));
}
