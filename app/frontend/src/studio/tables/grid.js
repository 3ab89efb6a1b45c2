// The grid of a table: one row a rule. Everything by keyboard: Enter and arrows move, Ctrl+Enter adds a row,
// Alt+arrows move the row.
import { html } from 'htm/preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { readChoice, readText, tidyCondition, writeChoice, writeText } from './cell_text.js';
import * as changes from './changes.js';

const KINDS = { boolean: '是否', number: '数字', choice: '选项' };
const labelOf = (column) => column.label || column.name;

export function Grid({ model, names, told, edit, write, readonly, hit, openColumn }) {
  const [focus, setFocus] = useState(-1);
  const attribute = (column) => names?.attributes.find((each) => each.name === column.name) ?? null;
  const wrong = new Map();
  for (const problem of told?.problems ?? []) {
    for (const row of problem.rows) {
      const found = wrong.get(row) ?? { columns: new Set(), severity: 'hint' };
      if (problem.column) found.columns.add(problem.column);
      if (problem.severity === 'block') found.severity = 'block';
      wrong.set(row, found);
    }
  }
  const heads = (side, word) => model[side].map((column, at) => html`
    <th scope="col" key=${column.id} class=${side === 'outputs' ? 'output' : ''}>
      ${readonly ? html`<strong>${labelOf(column)}</strong>` : html`<button type="button" class="column-button" onClick=${() => openColumn({ key: column.id, side, at })}
        aria-label=${`${word}“${labelOf(column)}”，修改这一列`}><strong>${labelOf(column)}</strong></button>`}
      <small>${side === 'inputs' ? attribute(column)?.label ?? column.name : column.name} · ${column.kind === 'choice' && side === 'outputs' ? '文字' : KINDS[column.kind] ?? column.kind}</small>
    </th>`);
  const keys = (event) => {
    const row = Number(event.target.closest('[data-row]')?.dataset.row ?? -1);
    if (row < 0) return;
    const body = event.currentTarget; // gone once the event is over
    const column = event.target.dataset.column;
    const to = (step) => {
      const next = body.querySelector(`[data-row="${row + step}"] [data-column="${CSS.escape(column ?? '')}"]`);
      if (next) { event.preventDefault(); next.focus(); next.select?.(); }
    };
    if (event.key === 'Enter' && event.ctrlKey && !readonly) {
      event.preventDefault();
      edit(changes.addRow(row + 1));
      setTimeout(() => to(1));
    } else if (event.altKey && ['ArrowUp', 'ArrowDown'].includes(event.key) && !readonly) {
      event.preventDefault();
      const step = event.key === 'ArrowUp' ? -1 : 1;
      edit(changes.moveRow(row, step));
      setTimeout(() => to(step));
    } else if (event.target.matches('input[type="text"]') && !event.isComposing) {
      if (event.key === 'Enter' || event.key === 'ArrowDown') to(1);
      if (event.key === 'ArrowUp') to(-1);
    }
  };
  return html`
    <div class="card flush grid-card">
      <div class="grid-scroll" tabindex="0" role="group" aria-label="规则表">
      <table class="decision">
        <caption class="visually-hidden">${model.title}：每行一条规则</caption>
        <thead>
          <tr><th rowspan="2" scope="col" class="number-head">行</th>
            <th colspan=${model.inputs.length} scope="colgroup">情形${!readonly && html` <button type="button" class="link-button" onClick=${() => openColumn({ key: 'new-input', side: 'inputs', at: -1 })}>＋ 加一列</button>`}</th>
            <th colspan=${model.outputs.length} scope="colgroup" class="output">结论${!readonly && html` <button type="button" class="link-button" onClick=${() => openColumn({ key: 'new-output', side: 'outputs', at: -1 })}>＋ 加一列</button>`}</th>
            <th rowspan="2" scope="col">说明</th>
            ${!readonly && html`<th rowspan="2" scope="col"><span class="visually-hidden">操作</span></th>`}</tr>
          <tr>${heads('inputs', '情形')}${heads('outputs', '结论')}</tr>
        </thead>
        <tbody onKeyDown=${keys} onFocusIn=${(event) => setFocus(Number(event.target.closest('[data-row]')?.dataset.row ?? -1))}>
          ${model.rows.map((row, at) => {
    const state = wrong.get(at + 1);
    return html`
          <tr key=${row.id} data-row=${at} class=${[hit?.includes(at + 1) && 'hit', state && `has-${state.severity}`].filter(Boolean).join(' ')}>
            <th scope="row">${at + 1}${state && html`<span class="mark" title=${state.severity === 'block' ? '这一行有须改正之处，见下方' : '这一行有提示，见下方'}>!</span>`}${hit?.includes(at + 1) && html`<span class="tag ok">命中</span>`}</th>
            ${model.inputs.map((column, place) => html`<td key=${column.id} class=${state?.columns.has(column.id) ? 'wrong' : ''}>
              <${Condition} column=${column} attribute=${attribute(column)} params=${names?.params ?? []} text=${row.cells[place].text} readonly=${readonly} label=${`第 ${at + 1} 行，${labelOf(column)}`} wrong=${state?.columns.has(column.id)}
                onText=${(text, group) => edit(changes.setCell(at, 'cells', place, text), group && `${row.id}:${column.id}`)} onLeave=${write} /></td>`)}
            ${model.outputs.map((column, place) => html`<td key=${column.id} class=${`output${state?.columns.has(column.id) ? ' wrong' : ''}`}>
              <${Result} column=${column} text=${row.results[place].text} readonly=${readonly} label=${`第 ${at + 1} 行，${labelOf(column)}`} wrong=${state?.columns.has(column.id)}
                onText=${(text, group) => edit(changes.setCell(at, 'results', place, text), group && `${row.id}:${column.id}`)} onLeave=${write} /></td>`)}
            <td class="note"><input type="text" value=${row.note} maxlength="300" readonly=${readonly} aria-label=${`第 ${at + 1} 行，说明`} data-column="note" onInput=${(event) => edit(changes.setNote(at, event.target.value), `${row.id}:note`)} /></td>
            ${!readonly && html`<td class="row-acts"><${RowActs} at=${at} rows=${model.rows.length} edit=${edit} /></td>`}
          </tr>`;
  })}
        </tbody>
      </table>
      </div>
      <div class="grid-foot">
        ${!readonly && html`<button type="button" class="button small" onClick=${() => edit(changes.addRow(model.rows.length))}>＋ 加一行</button>`}
        <p class="muted small-text">${focus >= 0 && told?.sentences[focus] ? `第 ${focus + 1} 行：${told.sentences[focus]}` : '数字写 10000、>= 10000、[10000..50000)（含起点、不含终点）、1, 2、not(3)，或者阈值的名称；- 表示不限。'}</p>
      </div>
    </div>`;
}

function RowActs({ at, rows, edit }) {
  const act = (label, words, change, disabled = false) => html`<button type="button" class="row-button" aria-label=${`第 ${at + 1} 行：${words}`} title=${words} disabled=${disabled} onClick=${() => edit(change)}>${label}</button>`;
  return html`<span class="row-buttons">
    ${act('↑', '上移', changes.moveRow(at, -1), at === 0)}${act('↓', '下移', changes.moveRow(at, 1), at === rows - 1)}
    ${act('复制', '在下面复制一行', changes.addRow(at + 1, { like: at }))}${act('删除', '删除这一行', changes.removeRow(at))}</span>`;
}

function Condition({ column, attribute, params, text, readonly, label, wrong, onText, onLeave }) {
  const common = { 'aria-label': label, 'aria-invalid': wrong ? 'true' : null, 'data-column': column.id };
  if (column.kind === 'boolean' && ['', '-', 'true', 'false'].includes(text)) {
    return html`<select ...${common} value=${text || '-'} disabled=${readonly} onChange=${(event) => onText(event.target.value)}>
      <option value="-">不限</option><option value="true">是</option><option value="false">否</option></select>`;
  }
  const choice = column.kind === 'choice' && attribute ? readChoice(text) : null;
  if (choice && choice.values.every((value) => attribute.options.some((option) => option.value === value))) {
    return html`<${Choices} common=${common} choice=${choice} options=${attribute.options} readonly=${readonly} label=${label} onText=${onText} />`;
  }
  const id = `params-${column.id}`;
  return html`<input type="text" ...${common} value=${text} readonly=${readonly} maxlength="300" spellcheck=${false} list=${column.kind === 'number' && params.length ? id : null}
      onInput=${(event) => onText(event.target.value, true)} onFocusOut=${(event) => { const tidy = tidyCondition(event.target.value); if (tidy !== text) onText(tidy, true); onLeave(); }} />
    ${column.kind === 'number' && params.length > 0 && html`<datalist id=${id}>${params.map((param) => html`<option value=${`>= ${param.name}`}>${param.label}（${param.value}）</option>`)}</datalist>`}`;
}

/** Several of the options, or all but some: a list of check boxes that unfolds in the cell. */
function Choices({ common, choice, options, readonly, label, onText }) {
  const [open, setOpen] = useState(false);
  const host = useRef(null);
  useLayoutEffect(() => {
    if (!open) return;
    // beside the cell, outside of what scrolls and would cut it off
    const list = host.current.querySelector('.choices-list');
    const cell = host.current.getBoundingClientRect();
    const below = cell.bottom + list.offsetHeight + 8 < innerHeight;
    list.style.left = `${Math.max(8, Math.min(cell.left, innerWidth - list.offsetWidth - 8))}px`;
    list.style.top = `${below ? cell.bottom + 2 : Math.max(8, cell.top - list.offsetHeight - 2)}px`;
  }, [open]);
  useEffect(() => {
    if (!open) return undefined;
    const close = (event) => { if (!host.current.contains(event.target)) setOpen(false); };
    addEventListener('scroll', close, true);
    return () => removeEventListener('scroll', close, true);
  }, [open]);
  const named = (value) => options.find((option) => option.value === value)?.label ?? value;
  const words = choice.values.length ? `${choice.negated ? '除外：' : ''}${choice.values.map(named).join('、')}` : '不限';
  const set = (values, negated = choice.negated) => onText(writeChoice({ values: options.map((o) => o.value).filter((v) => values.includes(v)), negated }));
  const leave = (event) => { if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false); };
  return html`<div class="choices" ref=${host} onFocusOut=${leave} onKeyDown=${(event) => { if (event.key === 'Escape' && open) { event.stopPropagation(); setOpen(false); event.currentTarget.querySelector('button').focus(); } }}>
    <button type="button" ...${common} aria-label=${`${label}：${words}`} class="choices-button" aria-expanded=${String(open)} disabled=${readonly} onClick=${() => setOpen(!open)}>${words}</button>
    ${open && html`<div class="choices-list" role="group" aria-label=${label}>
      ${options.map((option) => html`<label><input type="checkbox" checked=${choice.values.includes(option.value)}
        onChange=${(event) => set(event.target.checked ? [...choice.values, option.value] : choice.values.filter((value) => value !== option.value))} /> ${option.label}</label>`)}
      <label class="except"><input type="checkbox" checked=${choice.negated} disabled=${!choice.values.length} onChange=${(event) => set(choice.values, event.target.checked)} /> 改为“除这些以外”</label>
      <button type="button" class="link-button" onClick=${() => { onText('-'); setOpen(false); }}>不限</button>
    </div>`}</div>`;
}

function Result({ column, text, readonly, label, wrong, onText, onLeave }) {
  const common = { 'aria-label': label, 'aria-invalid': wrong ? 'true' : null, 'data-column': column.id };
  if (column.kind === 'boolean' && ['', 'true', 'false'].includes(text)) {
    return html`<select ...${common} value=${text} disabled=${readonly} onChange=${(event) => onText(event.target.value)}>
      <option value="">（不填）</option><option value="true">是</option><option value="false">否</option></select>`;
  }
  const words = column.kind === 'choice';
  return html`<input type="text" ...${common} value=${words ? readText(text) : text} readonly=${readonly} maxlength="100" class=${column.kind === 'number' ? 'amount' : ''}
    onInput=${(event) => onText(words ? writeText(event.target.value) : event.target.value, true)}
    onFocusOut=${(event) => { if (!words) { const tidy = event.target.value.trim() ? tidyCondition(event.target.value) : ''; if (tidy !== text) onText(tidy, true); } onLeave(); }} />`;
}
