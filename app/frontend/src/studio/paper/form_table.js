// A bordered form: the table as it will be printed, a cell of it chosen, and what that cell and its row say.
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { Button, NumberLine, Select, TextLine } from '../designer/controls.js';
import { Extras, numbers, put, Rows } from './fields.js';
import { summary } from './kinds.js';
import { RichText, words } from './rich.js';
import { piece } from './segments.js';

const count = (value, least) => (Number.isInteger(value) && value >= least ? value : least);

export function FormTable({ edited, names, disabled, onInput }) {
  const [[row, cell], choose] = useState([0, 0]);
  const rows = edited.rows ?? [];
  const here = rows[row];
  const chosen = here?.cells?.[cell];
  const say = (raw) => `【${words(piece(raw), names)}】`;
  const putRows = (next) => onInput({ ...edited, rows: next });
  const putRow = (next) => putRows(rows.with(row, next));
  const putCell = (next) => putRow({ ...here, cells: here.cells.with(cell, next) });
  const moveRow = (by) => {
    if (!rows[row + by]) return;
    putRows(rows.with(row, rows[row + by]).with(row + by, here));
    choose([row + by, cell]);
  };
  return h('div', null,
    h(TextLine, { label: '各列宽度（比例）', value: (edited.widths ?? []).join('、'), disabled, onDone: (text) => onInput({ ...edited, widths: numbers(text ?? '') }) }),
    h('div', { class: 'scroll' }, h('table', { class: 'paper-grid', 'aria-label': '表格' }, h('tbody', null, rows.map((each, y) => h('tr', { key: y },
      (each.cells ?? []).map((box, x) => h('td', { key: x, class: 'label' in box ? 'label' : '', colSpan: count(box.span, 1), rowSpan: count(box.rowspan, 1) },
        h('button', { type: 'button', 'aria-pressed': String(y === row && x === cell), 'aria-label': `第 ${y + 1} 行第 ${x + 1} 格：${summary(box, 24, say) || '空'}${x === 0 && each.if ? '有条件' : ''}`, onClick: () => choose([y, x]) },
          summary(box, 24, say) || '　', x === 0 && each.if && h('span', { class: 'tag info' }, '有条件'))))))))),
    chosen && h('fieldset', { class: 'paper-row', disabled }, h('legend', null, `第 ${row + 1} 行第 ${cell + 1} 格`),
      h(Select, { label: '种类', value: 'label' in chosen ? 'label' : 'text', options: [['label', '栏目名称'], ['text', '内容']], onInput: (kind) => putCell(kind === 'label' ? { label: chosen.text ?? '', ...keep(chosen) } : { text: chosen.label ?? '', ...keep(chosen) }) }),
      h(RichText, { key: `${row}.${cell}`, label: '文字', value: chosen.label ?? chosen.text, names, disabled, onInput: (text) => putCell({ ...chosen, ['label' in chosen ? 'label' : 'text']: text }) }),
      h('div', { class: 'dz-pair' },
        h(NumberLine, { label: '占几列', value: chosen.span ?? 1, onInput: (value) => putCell(put(chosen, 'span', value === 1 ? undefined : value)) }),
        h(NumberLine, { label: '占几行', value: chosen.rowspan ?? 1, onInput: (value) => putCell(put(chosen, 'rowspan', value === 1 ? undefined : value)) }),
        h(Select, { label: '对齐', value: chosen.align ?? '', options: [['', '按样式'], ['left', '左'], ['center', '中'], ['right', '右']], onInput: (align) => putCell(put(chosen, 'align', align || undefined)) }),
        h(NumberLine, { label: '行高至少（毫米）', value: here.height, onInput: (value) => putRow(put(here, 'height', value)) })),
      h('div', { class: 'row' },
        h(Button, { onClick: () => putRow({ ...here, cells: here.cells.toSpliced(cell + 1, 0, { text: '' }) }) }, '＋ 格'),
        h(Button, { disabled: here.cells.length === 1, onClick: () => { putRow({ ...here, cells: here.cells.toSpliced(cell, 1) }); choose([row, Math.max(0, cell - 1)]); } }, '删除这一格'),
        h(Button, { onClick: () => { putRows(rows.toSpliced(row + 1, 0, { cells: [{ label: '栏目' }, { text: '', ...(edited.widths?.length > 2 ? { span: edited.widths.length - 1 } : {}) }] })); choose([row + 1, 0]); } }, '＋ 行'),
        h(Button, { disabled: rows.length === 1, onClick: () => { putRows(rows.toSpliced(row, 1)); choose([Math.max(0, row - 1), 0]); } }, '删除这一行'),
        h(Button, { disabled: row === 0, 'aria-label': '这一行上移', onClick: () => moveRow(-1) }, '↑'), h(Button, { disabled: row === rows.length - 1, 'aria-label': '这一行下移', onClick: () => moveRow(1) }, '↓')),
      h('p', { class: 'hint' }, '这一行的条件：'), h(Extras, { key: `row${row}`, value: here, names, disabled, repeats: false, onInput: putRow }),
      h('p', { class: 'hint' }, '格内下方的签名：'), h(Rows, { title: '签名', rows: chosen.sign ?? [], names, disabled, fresh: { name: '', date: '' }, texts: [['name', '姓名', true], ['date', '日期', true]], onInput: (sign) => putCell(put(chosen, 'sign', sign.length ? sign : undefined)) })));
}

function keep({ label: _, text: __, ...rest }) { return rest; }
