// Options of choices, stances of an opinion, and columns of a detail table.
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { Button, Checks, Field, messagesAt, NumberLine, Select, TextLine } from './controls.js';
import { Limits } from './limits.js';
import { COLUMN_TYPES, fresh, NAMES, optionsOf, STANCES } from './types.js';
import { withValue } from './definition.js';

const written = (options) => options.map(({ value, label }) => (value === label ? label : { value, label }));

export function Options({ raw, place, problems, onInput }) {
  const options = optionsOf(raw);
  const put = (next) => onInput(written(next));
  const change = (index, part) => {
    const before = options[index];
    // the value of an option that reads like its label goes with it
    const together = 'label' in part && before.value === before.label ? { value: part.label } : {};
    put(options.with(index, { ...before, ...part, ...together }));
  };
  const move = (index, by) => {
    const to = index + by;
    if (to >= 0 && to < options.length) put(options.with(index, options[to]).with(to, options[index]));
  };
  const wrong = messagesAt(problems, `${place}.options`, true);
  return h('fieldset', { class: `dz-field${wrong.length ? ' wrong' : ''}` }, h('legend', null, '选项'),
    h('p', { class: 'hint' }, '“保存为”是系统记录的值，已有数据的选项不要改动它。'),
    h('table', { class: 'dz-options' }, h('thead', null, h('tr', null, h('th', { scope: 'col' }, '显示的文字'), h('th', { scope: 'col' }, '保存为'), h('td', null))),
      h('tbody', null, options.map((option, index) => h('tr', { key: index },
        h('td', null, h('input', { type: 'text', 'aria-label': `第 ${index + 1} 项显示的文字`, value: option.label, onInput: (event) => change(index, { label: event.target.value }) })),
        h('td', null, h('input', { type: 'text', 'aria-label': `第 ${index + 1} 项保存为`, value: option.value, onInput: (event) => change(index, { value: event.target.value }) })),
        h('td', { class: 'nowrap' },
          h(Button, { 'aria-label': `第 ${index + 1} 项上移`, disabled: index === 0, onClick: () => move(index, -1) }, '↑'),
          h(Button, { 'aria-label': `删除第 ${index + 1} 项`, onClick: () => put(options.toSpliced(index, 1)) }, '✕')))))),
    h(Button, { onClick: () => put([...options, { value: `选项${options.length + 1}`, label: `选项${options.length + 1}` }]) }, '＋ 选项'),
    wrong.length > 0 && h('p', { class: 'field-error' }, wrong.join(' ')));
}

export function Stances({ raw, place, problems, onInput }) {
  const options = optionsOf(raw);
  const own = (value) => options.find((option) => option.value === value);
  const put = (values) => onInput(values.map((value) => (own(value) && own(value).label !== value ? own(value) : value)));
  return h('div', null,
    h(Checks, { label: '可以选择的意见', options: STANCES, chosen: options.map(({ value }) => value), onInput: put, errors: messagesAt(problems, `${place}.options`, true) }),
    options.map(({ value, label }) => h(TextLine, {
      key: value, label: `“${STANCES.find(([each]) => each === value)?.[1] ?? value}”的用语`, value: label === value ? '' : label, maxlength: 40,
      onInput: (text) => onInput(options.map((option) => (option.value !== value ? (option.label === option.value ? option.value : option) : text ? { value, label: text } : value))),
    })));
}

export function Columns({ raw, place, problems, positions, onInput }) {
  const columns = Array.isArray(raw.columns) ? raw.columns : [];
  const [chosen, choose] = useState(0);
  const column = columns[chosen];
  const here = `${place}.columns[${chosen}]`;
  const put = (next) => onInput(columns.with(chosen, next));
  const add = (type) => {
    const taken = columns.map(({ key }) => key);
    let n = 1;
    while (taken.includes(`${type}_${n}`)) n += 1;
    onInput([...columns, fresh(type, `${type}_${n}`)]);
    choose(columns.length);
  };
  const move = (by) => {
    const to = chosen + by;
    if (to < 0 || to >= columns.length) return;
    onInput(columns.with(chosen, columns[to]).with(to, column));
    choose(to);
  };
  return h('fieldset', { class: 'dz-field dz-columns' }, h('legend', null, '列'),
    h('div', { class: 'dz-tabs', role: 'group', 'aria-label': '明细表的列' }, columns.map((each, index) => h('button', {
      key: index, type: 'button', 'aria-pressed': String(index === chosen), onClick: () => choose(index),
    }, each.label || `第 ${index + 1} 列`, messagesAt(problems, `${place}.columns[${index}]`, true).length > 0 && h('span', { class: 'tag danger' }, '有错')))),
    h(Field, { label: '添加一列' }, (described) => h('select', { ...described, value: '', onChange: (event) => { add(event.target.value); event.target.value = ''; } },
      h('option', { value: '' }, '选择列的类型'), COLUMN_TYPES.map((type) => h('option', { key: type, value: type }, NAMES[type])))),
    messagesAt(problems, `${place}.columns`).map((message) => h('p', { class: 'field-error', key: message }, message)),
    column && h('div', { class: 'dz-column' },
      h('div', { class: 'row' },
        h(Button, { disabled: chosen === 0, onClick: () => move(-1) }, '前移'), h(Button, { disabled: chosen === columns.length - 1, onClick: () => move(1) }, '后移'),
        h(Button, { onClick: () => { onInput(columns.toSpliced(chosen, 1)); choose(Math.max(0, chosen - 1)); } }, '删除这一列')),
      h(TextLine, { label: '列的名称', value: column.label, onInput: (text) => put(withValue(column, 'label', text ?? '')), errors: messagesAt(problems, `${here}.label`) }),
      h(TextLine, { label: '列的标识', value: column.key, onInput: (text) => put(withValue(column, 'key', text ?? '')), errors: messagesAt(problems, `${here}.key`) }),
      h(Select, { label: '类型', value: column.type, options: COLUMN_TYPES.map((type) => [type, NAMES[type]]), onInput: (type) => put({ ...fresh(type, column.key), label: column.label, ...(column.required ? { required: true } : {}) }), errors: messagesAt(problems, here) }),
      h(Select, { label: '必填', value: column.required ? 'yes' : '', options: [['', '不必填'], ['yes', '必填']], onInput: (value) => put(withValue(column, 'required', value ? true : undefined)) }),
      column.type === 'select' && h(Options, { raw: column, place: here, problems, onInput: (options) => put(withValue(column, 'options', options)) }),
      h(Limits, { raw: column, place: here, problems, positions, onInput: (name, value) => put(withValue(column, name, value)) })),
    h(NumberLine, { label: '最少行数', value: raw.minRows, onInput: (value) => onInput(value, 'minRows'), errors: messagesAt(problems, `${place}.minRows`) }),
    h(NumberLine, { label: '最多行数', value: raw.maxRows, onInput: (value) => onInput(value, 'maxRows'), errors: messagesAt(problems, `${place}.maxRows`) }));
}
