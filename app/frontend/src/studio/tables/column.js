// The dialog of a column: which attribute it asks, or what it decides.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as changes from './changes.js';

const TIER_OUTPUTS = [['tier', '档次', 'choice'], ['low', '下限（元）', 'number'], ['high', '上限（元）', 'number']];

export function ColumnDialog({ dialog, model, names, edit, onClose }) {
  const { side, at } = dialog;
  const isNew = at < 0;
  const inputs = side === 'inputs';
  const own = new Set(model.outputs.map((column) => column.name));
  const offered = (names?.attributes ?? []).filter((each) => !own.has(each.name));
  const taken = new Set(model[side].filter((_, place) => place !== at).map((column) => column.name));
  const free = offered.filter((each) => !taken.has(each.name));
  const start = isNew
    ? inputs ? { name: free[0]?.name ?? '', label: '', allowed: '', whole: false } : { name: '', label: '', kind: 'boolean' }
    : model[side][at];
  const [column, setColumn] = useState(start);
  const [error, setError] = useState('');
  const host = useRef(null);
  useEffect(() => { host.current.showModal(); }, []);
  const attribute = offered.find((each) => each.name === column.name);
  const set = (part) => setColumn({ ...column, ...part });
  const save = (event) => {
    event.preventDefault();
    const problem = inputs ? checkInput(attribute, taken, column) : checkOutput(names, taken, column, model.outputs[at]?.name);
    if (problem) return setError(problem);
    const made = inputs
      ? { name: column.name, kind: attribute?.type ?? column.kind, label: column.label.trim() || attribute?.label || column.name, allowed: column.allowed.trim(), whole: Boolean(column.whole) }
      : { name: column.name.trim(), kind: column.kind, label: column.label.trim() };
    if (!isNew) edit(changes.setColumn(side, at, made));
    else if (inputs) edit((model_) => changes.setColumn('inputs', model_.inputs.length, made)(changes.addInput({ ...attribute, label: made.label })(model_)));
    else edit(changes.addOutput(made));
    onClose();
    return undefined;
  };
  const remove = () => { edit(changes.removeColumn(side, at)); onClose(); };
  const move = (step) => { edit(changes.moveColumn(side, at, step)); onClose(); };
  const tiers = () => {
    edit((model_) => TIER_OUTPUTS.filter(([name]) => !model_.outputs.some((each) => each.name === name))
      .reduce((found, [name, label, kind]) => changes.addOutput({ name, label, kind })(found), model_));
    onClose();
  };
  return html`
    <dialog class="dialog" ref=${host} aria-labelledby="column-title" onClose=${onClose}>
      <form method="dialog" onSubmit=${save}>
        <header><h2 id="column-title">${isNew ? `增加一列${inputs ? '情形' : '结论'}` : `${inputs ? '情形' : '结论'}“${column.label || column.name}”`}</h2>
          <button type="button" class="button small" onClick=${onClose}>取消</button></header>
        ${error && html`<p class="field-error" role="alert">${error}</p>`}
        ${inputs ? html`
          <div class="field"><label for="column-attribute">读取哪个属性</label>
            <select id="column-attribute" value=${column.name} onChange=${(event) => set({ name: event.target.value })}>
              ${!attribute && column.name && html`<option value=${column.name}>${column.name}（没有声明）</option>`}
              ${[...free, ...offered.filter((each) => taken.has(each.name))].map((each) => html`<option value=${each.name} disabled=${taken.has(each.name)}>${each.label}（${each.name}）${each.derived ? ' · 推导' : ''}</option>`)}
            </select></div>
          <div class="field"><label for="column-label">列名</label><span class="hint" id="column-label-hint">不填：用属性的名称</span>
            <input id="column-label" maxlength="60" value=${column.label} aria-describedby="column-label-hint" onInput=${(event) => set({ label: event.target.value })} /></div>
          ${(attribute?.type ?? column.kind) === 'number' && html`
            <label class="choice"><input type="checkbox" checked=${column.whole} onChange=${(event) => set({ whole: event.target.checked })} /> 只有整数（次数、人数）：1 和 2 之间不算空档</label>
            <div class="field"><label for="column-allowed">取值范围</label><span class="hint" id="column-allowed-hint">例如 >= 0、[1..10]；范围以外不检查空档。不填：表单允许的全部数字</span>
              <input id="column-allowed" maxlength="60" value=${column.allowed} aria-describedby="column-allowed-hint" onInput=${(event) => set({ allowed: event.target.value })} /></div>`}`
    : html`
          <div class="field"><label for="column-label">列名</label><input id="column-label" maxlength="60" value=${column.label} onInput=${(event) => set({ label: event.target.value })} /></div>
          <div class="field"><label for="column-name">代码</label><span class="hint" id="column-name-hint">英文。“是否”列的代码就是由本表推导的属性，流程图和规则用它；档次表用 tier、low、high</span>
            <input id="column-name" maxlength="40" value=${column.name} aria-describedby="column-name-hint" onInput=${(event) => set({ name: event.target.value })} /></div>
          <div class="field"><label for="column-kind">类型</label>
            <select id="column-kind" value=${column.kind} onChange=${(event) => set({ kind: event.target.value })}>
              <option value="boolean">是否</option><option value="number">数字</option><option value="choice">文字</option></select></div>`}
        <div class="actions"><button class="button primary">${isNew ? '增加' : '保存'}</button>
          ${isNew && !inputs && html`<button type="button" class="button" onClick=${tiers}>改为裁量档次的三列</button>`}
          ${!isNew && html`<button type="button" class="button small" disabled=${at === 0} onClick=${() => move(-1)}>左移</button>
            <button type="button" class="button small" disabled=${at === model[side].length - 1} onClick=${() => move(1)}>右移</button>
            <button type="button" class="button small" disabled=${model[side].length === 1} onClick=${remove}>删除这一列</button>`}</div>
      </form>
    </dialog>`;
}

function checkInput(attribute, taken, column) {
  if (!attribute) return '请选择规则中声明的属性。';
  return taken.has(column.name) ? '表中已有读取这个属性的列。' : '';
}

function checkOutput(names, taken, column, before) {
  const name = column.name.trim();
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return '代码以英文字母开头，只含字母、数字和下划线。';
  if (taken.has(name)) return '表中已有这个代码的列。';
  if (column.kind === 'boolean' && name !== before && names?.attributes.some((each) => each.name === name)) return `“${name}”已经是规则中的属性，请换一个代码。`;
  return column.label.trim() ? '' : '请填写列名。';
}
