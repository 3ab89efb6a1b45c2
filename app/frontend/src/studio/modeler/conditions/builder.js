// A condition by drop-downs, said as a sentence; what drop-downs cannot show is edited as text.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { html } from '../properties/html.js';
import { AreaField } from '../properties/fields.js';
import { examine } from './check.js';
import { freshRow, rowsOf, SIGNS_OF, treeOf } from './rows.js';
import { write } from './text.js';
import { sentence, SIGNS } from './words.js';

const NUMBER = /^-?\d{1,15}(?:\.\d{1,6})?$/;

/** The number a person typed as a tree, or null. */
function numberTree(text) {
  const typed = text.trim();
  if (!NUMBER.test(typed)) return null;
  const plain = typed.replace('-', '').replace(/^0+(?=\d)/, '');
  const number = { kind: 'number', source: plain, value: plain.includes('.') ? Number(plain) : BigInt(plain) };
  return typed.startsWith('-') ? { kind: 'minus', part: number } : number;
}

function NumberValue({ value, label, onChange, disabled }) {
  const text = value.kind === 'name' ? '' : write(value);
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const wrong = numberTree(typed) === null;
  return html`<input type="text" inputmode="decimal" aria-label=${label} value=${typed} disabled=${disabled} aria-invalid=${wrong ? 'true' : undefined}
    onInput=${(event) => setTyped(event.target.value)} onChange=${(event) => { const tree = numberTree(event.target.value); if (tree) onChange(tree); }} />`;
}

function Value({ row, attributes, onChange, disabled }) {
  const known = attributes[row.name];
  const label = `与“${known.label}”比较的值`;
  if (row.value.kind === 'name' && row.sign !== 'in' && row.sign !== 'not in') {
    return html`<select aria-label=${label} value=${row.value.name} disabled=${disabled} onChange=${(event) => onChange({ ...row, value: { kind: 'name', name: event.target.value } })}>
      ${Object.entries(attributes).filter(([name, each]) => each.type === known.type && name !== row.name).map(([name, each]) => html`<option value=${name}>${each.label}</option>`)}
    </select>`;
  }
  if (known.type === 'boolean') {
    return html`<select aria-label=${label} value=${row.value.value ? 'yes' : 'no'} disabled=${disabled} onChange=${(event) => onChange({ ...row, value: { kind: 'truth', value: event.target.value === 'yes' } })}>
      <option value="yes">是</option><option value="no">否</option>
    </select>`;
  }
  if (known.type === 'number') return html`<${NumberValue} value=${row.value} label=${label} disabled=${disabled} onChange=${(value) => onChange({ ...row, value })} />`;
  const texts = row.value.kind === 'list' ? row.value.parts.map((part) => part.value) : [row.value.value];
  const options = [...known.options, ...texts.filter((text) => !known.options.some((option) => option.value === text)).map((text) => ({ value: text, label: `${text}（没有这个选项）` }))];
  if (row.value.kind !== 'list') {
    return html`<select aria-label=${label} value=${row.value.value} disabled=${disabled} onChange=${(event) => onChange({ ...row, value: { kind: 'text', value: event.target.value } })}>
      ${options.map((option) => html`<option value=${option.value}>${option.label}</option>`)}
    </select>`;
  }
  const toggle = (text, on) => {
    const next = options.map((option) => option.value).filter((each) => (each === text ? on : texts.includes(each)));
    if (next.length) onChange({ ...row, value: { kind: 'list', brackets: '()', parts: next.map((value) => ({ kind: 'text', value })) } });
  };
  return html`<fieldset class="condition-choices"><legend class="visually-hidden">${label}</legend>
    ${options.map((option) => html`<label class="choice"><input type="checkbox" checked=${texts.includes(option.value)} disabled=${disabled || (texts.length === 1 && texts[0] === option.value)} onChange=${(event) => toggle(option.value, event.target.checked)} /> ${option.label}</label>`)}
  </fieldset>`;
}

function withSign(row, sign, attributes) {
  const listed = sign === 'in' || sign === 'not in';
  if (listed === (row.value.kind === 'list')) return { ...row, sign };
  if (listed) return { ...row, sign, value: { kind: 'list', brackets: '()', parts: [row.value.kind === 'name' ? freshRow(row.name, attributes).value : row.value] } };
  return { ...row, sign, value: row.value.parts[0] };
}

function Row({ row, attributes, onChange, onRemove, disabled }) {
  const { type } = attributes[row.name];
  return html`<div class="condition-row">
    <select aria-label="属性" value=${row.name} disabled=${disabled} onChange=${(event) => onChange(freshRow(event.target.value, attributes))}>
      ${Object.entries(attributes).map(([name, each]) => html`<option value=${name}>${each.label}</option>`)}
    </select>
    <select aria-label="比较方式" value=${row.sign} disabled=${disabled} onChange=${(event) => onChange(withSign(row, event.target.value, attributes))}>
      ${SIGNS_OF[type].map((sign) => html`<option value=${sign}>${SIGNS[sign]}</option>`)}
    </select>
    <${Value} row=${row} attributes=${attributes} onChange=${onChange} disabled=${disabled} />
    ${!disabled && html`<button type="button" class="remove" aria-label="删除这一条" title="删除这一条" onClick=${onRemove}>×</button>`}
  </div>`;
}

function Rows({ group, attributes, onChange, onRemove, disabled, depth = 0 }) {
  const id = useId();
  const replace = (index, part) => onChange({ ...group, parts: group.parts.map((each, place) => (place === index ? part : each)) });
  const remove = (index) => {
    const parts = group.parts.filter((_, place) => place !== index);
    if (parts.length || !onRemove) onChange({ ...group, parts });
    else onRemove();
  };
  const first = Object.keys(attributes)[0];
  const add = (part) => onChange({ ...group, parts: [...group.parts, part] });
  return html`<div class="condition-group" role="group" aria-labelledby=${id}>
    <div class="condition-join">
      <span class="visually-hidden" id=${id}>${depth ? '一组条件' : '条件'}</span>
      ${group.parts.length > 1 && html`<select aria-label="各条之间" value=${group.join} disabled=${disabled} onChange=${(event) => onChange({ ...group, join: event.target.value })}>
        <option value="and">同时满足以下各条（且）</option><option value="or">满足以下任何一条（或者）</option>
      </select>`}
    </div>
    ${group.parts.map((part, index) => (part.name
    ? html`<${Row} key=${index} row=${part} attributes=${attributes} disabled=${disabled} onChange=${(next) => replace(index, next)} onRemove=${() => remove(index)} />`
    : html`<${Rows} key=${index} group=${part} attributes=${attributes} disabled=${disabled} depth=${depth + 1} onChange=${(next) => replace(index, next)} onRemove=${() => remove(index)} />`))}
    ${!disabled && first && html`<div class="condition-add">
      <button type="button" class="button small" onClick=${() => add(freshRow(first, attributes))}>加一条</button>
      ${depth < 2 && group.parts.length > 0 && html`<button type="button" class="button small" onClick=${() => add({ join: group.join === 'and' ? 'or' : 'and', parts: [freshRow(first, attributes)] })}>加一组</button>`}
    </div>`}
  </div>`;
}

/** `value` is the text of the condition, '' for none; `onChange` gets the new text. */
export function ConditionField({ value, onChange, attributes, disabled, label = '条件' }) {
  const id = useId();
  const found = value ? examine(value, attributes) : { tree: null, problems: [] };
  const shown = value ? found.tree && rowsOf(found.tree, attributes) : { join: 'and', parts: [] };
  const [asText, setAsText] = useState(false);
  const pending = useRef(null); // a group without rows writes nothing, but stays while it is filled
  const change = (group) => {
    const tree = treeOf(group);
    pending.current = group;
    onChange(tree ? write(tree) : '');
  };
  const text = asText || !shown;
  const none = !Object.keys(attributes).length;
  return html`<div class="condition" role="group" aria-labelledby=${`${id}-label`}>
    <div class="condition-head"><span class="prop-label" id=${`${id}-label`}>${label}</span>
      ${shown && html`<button type="button" class="link-button" onClick=${() => setAsText(!text)}>${text ? '用下拉框编辑' : '用文字编辑'}</button>`}</div>
    ${value && found.tree && html`<p class="condition-sentence">${sentence(found.tree, attributes)}</p>`}
    ${!text && none && html`<p class="hint">规则中还没有声明属性，请先在“规则”页声明。</p>`}
    ${!text && !none && html`<${Rows} group=${shown} attributes=${attributes} onChange=${change} disabled=${disabled} />`}
    ${text && html`<${AreaField} label=${`${label}（文字写法）`} code value=${value} rows=${2} disabled=${disabled} onChange=${onChange}
      hint=${shown ? '写法与下拉框的结果相同。' : '下拉框不能显示这个条件，请在这里修改。'} check=${(typed) => (typed.trim() ? unread(typed, attributes) : '')} />`}
    ${found.problems.map((problem) => html`<p class="field-error" role="alert">${problem}</p>`)}
  </div>`;
}

function unread(text, attributes) {
  const { tree, problems } = examine(text, attributes);
  return tree ? '' : `没有保存：${problems[0]}`;
}
