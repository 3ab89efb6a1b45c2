// The parts of a form as a list: choose, drag, move with the keyboard. The palette stands above it.
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from './controls.js';
import { GROUPS, MARKS, NAMES } from './types.js';

const DRAGGED = 'application/x-xingquan-item';

export function Palette({ onAdd, disabled }) {
  return h('section', { class: 'dz-palette', 'aria-label': '可以添加的内容' }, GROUPS.map(([title, types]) => h('div', { key: title, class: 'dz-types', role: 'group', 'aria-label': title },
    h('span', { class: 'dz-types-title', 'aria-hidden': 'true' }, title),
    types.map((type) => h('button', {
      key: type, type: 'button', class: 'dz-type', disabled, draggable: !disabled, title: `添加${NAMES[type]}，也可以拖到列表中`,
      onClick: () => onAdd(type),
      onDragStart: (event) => event.dataTransfer.setData(DRAGGED, JSON.stringify({ type })),
    }, h('span', { class: 'dz-mark', 'aria-hidden': 'true' }, MARKS[type]), NAMES[type])))));
}

function badges(raw, head, wrong) {
  const found = [];
  if (wrong) found.push(['danger', `${wrong} 处错误`]);
  if (raw.required) found.push(['', '必填']);
  if (raw.requiredWhen) found.push(['', '按条件必填']);
  if (raw.visibleWhen) found.push(['info', '有显示条件']);
  if (raw.key && head.prefill?.[raw.key]) found.push(['info', '取自案件']);
  if (raw.key && (head.rights ?? []).some((entry) => entry?.fields && raw.key in entry.fields)) found.push(['warn', '环节权限']);
  return found;
}

export function Structure({ state, selected, wrongAt, onSelect, onStep, onDrop, onDuplicate, onRemove, editable }) {
  const [over, setOver] = useState(-1);
  const drop = (event, index) => {
    const data = event.dataTransfer.getData(DRAGGED);
    setOver(-1);
    if (!data) return;
    event.preventDefault();
    onDrop(JSON.parse(data), index);
  };
  const keys = (event, item, index) => {
    const goes = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (goes && event.altKey && editable) onStep(item.id, goes);
    else if (goes && state.items[index + goes]) onSelect(state.items[index + goes].id, true);
    else if (event.key === 'Delete' && editable) onRemove(item.id);
    else if (event.key.toLowerCase() === 'd' && event.ctrlKey && editable) onDuplicate(item.id);
    else return;
    event.preventDefault();
  };
  return h('section', { class: 'dz-structure', 'aria-labelledby': 'dz-structure-title' },
    h('div', { class: 'dz-bar' }, h('h2', { id: 'dz-structure-title' }, '表单内容'),
      h('div', { class: 'row', role: 'toolbar', 'aria-label': '所选内容' },
        h(Button, { disabled: !editable || !selected, 'aria-label': '上移', title: '上移（Alt+↑）', onClick: () => onStep(selected, -1) }, '↑'),
        h(Button, { disabled: !editable || !selected, 'aria-label': '下移', title: '下移（Alt+↓）', onClick: () => onStep(selected, 1) }, '↓'),
        h(Button, { disabled: !editable || !selected, title: '复制（Ctrl+D）', onClick: () => onDuplicate(selected) }, '复制'),
        h(Button, { disabled: !editable || !selected, title: '删除（Delete）', onClick: () => onRemove(selected) }, '删除'))),
    state.items.length === 0 && h('p', { class: 'empty', onDragOver: (event) => event.preventDefault(), onDrop: (event) => drop(event, 0) }, '表单还是空的，从上面选择要添加的内容。'),
    h('ol', { class: 'dz-items' }, state.items.map((item, index) => h('li', {
      key: item.id, class: `dz-item${item.raw.type === 'section' ? ' section' : ''}${over === index ? ' over' : ''}`,
      onDragOver: (event) => { event.preventDefault(); if (over !== index) setOver(index); },
      onDragLeave: () => setOver(-1),
      onDrop: (event) => drop(event, index + (event.offsetY > event.currentTarget.offsetHeight / 2 ? 1 : 0)),
    }, h('button', {
      type: 'button', class: 'dz-item-name', 'data-item-id': item.id, draggable: editable, 'aria-current': item.id === selected ? 'true' : undefined,
      'aria-keyshortcuts': 'Alt+ArrowUp Alt+ArrowDown Delete Control+D',
      onClick: () => onSelect(item.id), onKeyDown: (event) => keys(event, item, index),
      onDragStart: (event) => event.dataTransfer.setData(DRAGGED, JSON.stringify({ id: item.id })),
    },
    h('span', { class: 'dz-mark', title: NAMES[item.raw.type] ?? item.raw.type }, MARKS[item.raw.type] ?? '？'),
    h('span', { class: 'dz-item-label' }, item.raw.label || '（没有名称）'),
    badges(item.raw, state.head, wrongAt(index, item.raw.key)).map(([tone, words]) => h('span', { key: words, class: `tag ${tone}` }, words)))))));
}
