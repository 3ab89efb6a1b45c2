// One decision table: its head, the grid, what is wrong with it, and trying it out.
import { html } from 'htm/preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import * as changes from './changes.js';
import { ColumnDialog } from './column.js';
import { readTable, writeTable } from './dmn.js';
import { Grid } from './grid.js';
import { Problems } from './problems.js';
import { Trying } from './trying.js';

const WRITE = 250;
const REMEMBER = 200;

/** The model of a part with its past: `edit(change, group)`; changes of one group in a row are undone together. */
function useTable(draft, path) {
  const first = useMemo(() => {
    try { return { model: readTable(draft.text(path)), error: '' }; } catch (error) { return { model: null, error: error.message }; }
  }, []);
  const [model, setModel] = useState(first.model);
  const state = useRef({ model: first.model, past: [], future: [], group: null, timer: null, dirty: false });
  const write = () => {
    clearTimeout(state.current.timer);
    if (!state.current.dirty) return;
    state.current.dirty = false;
    draft.set(path, writeTable(state.current.model));
  };
  const show = (next) => {
    state.current.model = next;
    state.current.dirty = true;
    setModel(next);
    clearTimeout(state.current.timer);
    state.current.timer = setTimeout(write, WRITE);
  };
  useEffect(() => {
    addEventListener('pagehide', write, { capture: true });
    return () => { write(); removeEventListener('pagehide', write, { capture: true }); };
  }, []);
  const edit = (change, group = null) => {
    const { current } = state;
    if (!draft.editable) return;
    const next = change(current.model);
    if (next === current.model) return;
    if (!group || current.group !== group) current.past = [...current.past.slice(-REMEMBER), current.model];
    current.group = group;
    current.future = [];
    show(next);
  };
  const step = (from, to) => {
    const { current } = state;
    if (!current[from].length) return;
    current[to] = [...current[to], current.model];
    const next = current[from].at(-1);
    current[from] = current[from].slice(0, -1);
    current.group = null;
    show(next);
  };
  return {
    model, error: first.error, edit, write,
    undo: () => step('past', 'future'), redo: () => step('future', 'past'),
    canUndo: state.current.past.length > 0, canRedo: state.current.future.length > 0,
  };
}

export function TableEditor({ name, path, draft, told, names, remarks, onRemark, onUse, onRemove }) {
  const table = useTable(draft, path);
  const [dialog, setDialog] = useState(null);
  const [asked, setAsked] = useState({ values: {}, rows: null });
  const host = useRef(null);
  const { model, edit } = table;
  if (!model) {
    return html`<div class="card"><h2>${name}</h2><p class="field-error">${table.error}请在“版本”中恢复以前的内容，或者删除后重新建立。</p>
      <details><summary>查看文件内容</summary><pre class="source" tabindex="0">${draft.text(path)}</pre></details>
      ${draft.editable && html`<button type="button" class="button" onClick=${onRemove}>删除这张表</button>`}</div>`;
  }
  const readonly = !draft.editable;
  const keys = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const act = key === 'z' && !event.shiftKey ? table.undo : key === 'y' || (key === 'z' && event.shiftKey) ? table.redo : null;
    if (!act) return;
    event.preventDefault();
    act();
  };
  const goTo = (row, column) => {
    const cell = host.current.querySelector(column ? `[data-row="${row - 1}"] [data-column="${CSS.escape(column)}"]` : `[data-row="${row - 1}"] [data-column]`);
    cell?.scrollIntoView({ block: 'center', inline: 'nearest' });
    cell?.focus();
  };
  const close = (cells) => edit(changes.addRow(model.rows.length, { cells }));
  return html`
    <div class="table-editor" ref=${host} onKeyDown=${keys}>
      <${Head} name=${name} model=${model} table=${table} told=${told} readonly=${readonly} remarks=${remarks} onRemark=${onRemark} onUse=${onUse} onRemove=${onRemove} />
      <${Grid} model=${model} names=${names} told=${told} edit=${edit} write=${table.write} readonly=${readonly} hit=${asked.rows} openColumn=${setDialog} />
      <${Problems} told=${told} goTo=${goTo} readonly=${readonly} onClose=${close} onTry=${(values) => setAsked({ values, rows: null, from: 'problem' })} />
      <${Trying} name=${name} model=${model} names=${names} draft=${draft} write=${table.write} asked=${asked} onAnswer=${setAsked} />
      ${dialog && html`<${ColumnDialog} key=${dialog.key} dialog=${dialog} model=${model} names=${names} edit=${edit} onClose=${() => setDialog(null)} />`}
    </div>`;
}

function Head({ name, model, table, told, readonly, remarks, onRemark, onUse, onRemove }) {
  const [sure, setSure] = useState(false);
  const { edit } = table;
  const uses = told?.uses ?? [];
  return html`
    <div class="card table-head">
      <div class="table-head-row">
        <div class="field wide"><label for="table-title">名称</label>
          <input id="table-title" value=${model.title} maxlength="80" readonly=${readonly} onInput=${(event) => edit(changes.setTitle(event.target.value), 'title')} /></div>
        <div class="field wide"><label for="table-basis">依据</label>
          <input id="table-basis" value=${model.basis} maxlength="200" readonly=${readonly} onInput=${(event) => edit(changes.setBasis(event.target.value), 'basis')} /></div>
        <fieldset class="field policy" disabled=${readonly}><legend>一个案件可以命中</legend>
          ${[['UNIQUE', '恰好一行'], ['COLLECT', '任意几行']].map(([value, words]) => html`
            <label class="choice"><input type="radio" name="policy" value=${value} checked=${model.policy === value} onChange=${() => edit(changes.setPolicy(value))} /> ${words}</label>`)}
        </fieldset>
      </div>
      <p class="muted small-text">${model.policy === 'UNIQUE'
    ? '恰好一行：不得有空档，也不得重叠，系统会逐一检查。'
    : '任意几行：只要有一行的结论为“是”，结论就为“是”；没有命中的，结论为“否”。适合目录。'}</p>
      ${remarks ? html`
        <details class="official"><summary>标准的来源${remarks.official ? html` <span class="tag info">上级发布的标准</span>` : ''}</summary>
          <label class="choice"><input type="checkbox" checked=${Boolean(remarks.official)} disabled=${readonly}
            onChange=${(event) => onRemark(pruned({ ...remarks, official: event.target.checked || undefined }))} /> 上级机关发布的标准，照录使用：空档、重叠和固定数额只提示，不阻止发布；重叠的按较轻的档次</label>
          <div class="field"><label for="table-source">文号或者出处</label><input id="table-source" value=${remarks.source ?? ''} maxlength="200" readonly=${readonly}
            onChange=${(event) => onRemark(pruned({ ...remarks, source: event.target.value.trim() || undefined }))} /></div>
        </details>`
    : html`<div class="notice warn"><p>规则还没有引用这张表，它不起作用。${!readonly && html` <button type="button" class="link-button" onClick=${onUse}>在规则中引用</button>`}</p></div>`}
      ${!readonly && html`<div class="table-tools" role="group" aria-label="编辑">
        <button type="button" class="button small" disabled=${!table.canUndo} onClick=${table.undo} title="快捷键 Ctrl+Z">撤销</button>
        <button type="button" class="button small" disabled=${!table.canRedo} onClick=${table.redo} title="快捷键 Ctrl+Y">重做</button>
        ${uses.length ? html`<details class="uses"><summary>有 ${uses.length} 处使用，不能删除</summary><ul>${uses.map((use) => html`<li>${use}</li>`)}</ul></details>`
    : sure ? html`<span class="sure">确定删除“${model.title || name}”？ <button type="button" class="button small" onClick=${onRemove}>删除</button> <button type="button" class="link-button" onClick=${() => setSure(false)}>不删</button></span>`
      : html`<button type="button" class="button small" onClick=${() => setSure(true)}>删除这张表</button>`}
      </div>`}
    </div>`;
}

const pruned = (said) => Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
