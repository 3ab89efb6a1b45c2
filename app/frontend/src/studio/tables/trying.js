// Trying a table: the values of a case, and which rows they hit.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const WAIT = 250;

export function Trying({ name, model, names, draft, write, asked, onAnswer }) {
  const [outcome, setOutcome] = useState(null);
  const [texts, setTexts] = useState({}); // numbers as they are being typed
  const timer = useRef(null);
  const host = useRef(null);
  const attribute = (column) => names?.attributes.find((each) => each.name === column.name);
  const valueOf = (column) => asked.values[column.name] ?? { boolean: false, choice: attribute(column)?.options[0]?.value ?? '' }[column.kind] ?? '';
  const ask = (values) => {
    clearTimeout(timer.current);
    const full = Object.fromEntries(model.inputs.map((column) => [column.name, values[column.name] ?? valueOf(column)]));
    const missing = model.inputs.find((column) => full[column.name] === '');
    onAnswer({ values: full, rows: null });
    if (missing) { setOutcome({ message: `请填写“${missing.label || missing.name}”。` }); return; }
    timer.current = setTimeout(async () => {
      write();
      try {
        const answer = await draft.post('tables/try', { changes: draft.changes, table: name, values: full });
        setOutcome(answer);
        onAnswer({ values: full, rows: answer.rows });
      } catch (error) { setOutcome({ message: error.message }); }
    }, WAIT);
  };
  useEffect(() => {
    if (asked.from !== 'problem') return;
    setTexts({});
    ask(asked.values);
    host.current.scrollIntoView({ block: 'nearest' });
  }, [asked.from, asked.values]);
  const set = (column, value) => ask({ ...asked.values, [column.name]: value });
  const field = (column) => {
    const id = `try-${column.id}`;
    const value = valueOf(column);
    const control = column.kind === 'boolean'
      ? html`<select id=${id} value=${String(value)} onChange=${(event) => set(column, event.target.value === 'true')}><option value="false">否</option><option value="true">是</option></select>`
      : column.kind === 'choice'
        ? html`<select id=${id} value=${value} onChange=${(event) => set(column, event.target.value)}>${attribute(column)?.options.map((option) => html`<option value=${option.value}>${option.label}</option>`)}</select>`
        : html`<input id=${id} inputmode="decimal" value=${texts[column.id] ?? String(value)}
          onInput=${(event) => { setTexts({ ...texts, [column.id]: event.target.value }); set(column, number(event.target.value)); }} />`;
    return html`<div class="field" key=${column.id}><label for=${id}>${column.label || column.name}</label>${control}</div>`;
  };
  return html`
    <section class="card trying" aria-labelledby="trying-title" ref=${host}>
      <h2 id="trying-title">试算</h2>
      <p class="muted small-text">填写一个案件的情况，看命中哪几行、得什么结论。只试算，不保存。</p>
      <div class="trying-fields">${model.inputs.map(field)}
        <button type="button" class="button" onClick=${() => ask(asked.values)}>试算</button></div>
      <div role="status">${outcome && html`<${Outcome} outcome=${outcome} model=${model} />`}</div>
    </section>`;
}

function Outcome({ outcome, model }) {
  if (outcome.message) return html`<p class="field-error">${outcome.message}</p>`;
  if (!outcome.rows.length) return html`<p><span class="tag warn">没有命中</span> ${model.policy === 'UNIQUE' ? '没有一行命中：这是空档。' : '没有一行命中，结论为“否”。'}</p>`;
  const said = (value) => (value === true ? '是' : value === false ? '否' : value === null ? '（空）' : typeof value === 'number' ? value.toLocaleString('zh-CN') : value);
  return html`<ul class="plain-list">${outcome.rows.map((row, at) => html`<li key=${row}><span class="tag ok">命中第 ${row} 行</span> ${model.outputs.map((column) => `${column.label || column.name}：${said(outcome.outputs[at][column.name])}`).join('，')}</li>`)}</ul>`;
}

/** A number as typed, thousands allowed; empty where it is none. */
function number(text) {
  const plain = text.replace(/[,，\s]/g, '');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : '';
}
