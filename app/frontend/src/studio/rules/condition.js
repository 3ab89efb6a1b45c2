// Building a condition: rows of attribute, comparison and value, in groups that need all, any or none of them.
import { html } from 'htm/preact';
import { OPERATORS, OPERATORS_OF, attributeOf, conditionWords, valueWord } from './words.js';

const GROUPS = { all: '以下都满足', any: '满足以下任何一项', not: '以下不成立' };
const groupOf = (tree) => (Array.isArray(tree?.all) ? 'all' : Array.isArray(tree?.any) ? 'any' : tree && 'not' in tree ? 'not' : null);
const isEmpty = (tree) => !tree || typeof tree !== 'object' || Object.keys(tree).length === 0;

function start(names) {
  const first = names?.attributes[0];
  return first ? leaf(first) : null;
}
function leaf(attribute, op = OPERATORS_OF[attribute.type][0]) {
  return { field: attribute.name, op, value: firstValue(attribute, op) };
}
function firstValue(attribute, op) {
  if (attribute.type === 'boolean') return true;
  if (attribute.type === 'number') return 0;
  const value = attribute.options[0]?.value ?? '';
  return op === 'in' || op === 'notIn' ? [value] : value;
}

export function ConditionField({ id, value, names, readonly, onChange }) {
  if (isEmpty(value)) {
    return readonly ? html`<p class="muted" id=${id}>任何情形</p>`
      : html`<button type="button" class="button small" id=${id} disabled=${!names?.attributes.length} onClick=${() => onChange(start(names))}>＋ 加条件</button>`;
  }
  return html`<div class="condition" id=${id} role="group" tabindex="-1">
    <p class="condition-words">${conditionWords(value, names)}</p>
    ${!readonly && html`<${Node} tree=${value} names=${names} path="条件" onChange=${onChange} onRemove=${() => onChange(undefined)} />`}
  </div>`;
}

function Node({ tree, names, path, onChange, onRemove }) {
  const group = groupOf(tree);
  return group ? html`<${Group} group=${group} tree=${tree} names=${names} path=${path} onChange=${onChange} onRemove=${onRemove} />`
    : html`<${Leaf} tree=${tree} names=${names} path=${path} onChange=${onChange} onRemove=${onRemove} />`;
}

function Group({ group, tree, names, path, onChange, onRemove }) {
  const parts = group === 'not' ? [tree.not] : tree[group];
  const make = (kind, list) => {
    if (!list.length) return onRemove();
    if (kind !== 'not') return onChange({ [kind]: list });
    return onChange({ not: list.length === 1 ? list[0] : { all: list } });
  };
  const set = (at, part) => make(group, parts.map((each, place) => (place === at ? part : each)));
  const remove = (at) => make(group, parts.filter((_, place) => place !== at));
  const add = (part) => make(group === 'not' ? 'all' : group, group === 'not' ? [tree, part] : [...parts, part]);
  return html`<div class="condition-group" role="group" aria-label=${`${path}：${GROUPS[group]}`}>
    <div class="condition-head">
      <select aria-label=${`${path}的组合方式`} value=${group} onChange=${(event) => make(event.target.value, parts)}>
        ${Object.entries(GROUPS).map(([kind, words]) => html`<option value=${kind}>${words}</option>`)}</select>
      <button type="button" class="link-button" onClick=${onRemove} aria-label=${`删除这一组：${path}`}>删除这一组</button></div>
    ${parts.map((part, at) => html`<${Node} key=${at} tree=${part} names=${names} path=${`${path} ${at + 1}`} onChange=${(next) => set(at, next)} onRemove=${() => remove(at)} />`)}
    <div class="condition-add">
      <button type="button" class="link-button" onClick=${() => add(start(names))}>＋ 条件</button>
      <button type="button" class="link-button" onClick=${() => add({ any: [start(names)] })}>＋ 条件组</button></div>
  </div>`;
}

function Leaf({ tree, names, path, onChange, onRemove }) {
  const attribute = attributeOf(tree.field, names);
  const operators = [...new Set([...(OPERATORS_OF[attribute?.type] ?? Object.keys(OPERATORS)), tree.op])];
  const choose = (name) => { const next = attributeOf(name, names); if (next) onChange(leaf(next)); };
  const compare = (op) => {
    const many = op === 'in' || op === 'notIn';
    const { value } = tree;
    onChange({ ...tree, op, value: many === Array.isArray(value) ? value : many ? [value] : value[0] ?? '' });
  };
  return html`<div class="condition-leaf">
    <select aria-label=${`${path}：属性`} value=${tree.field} onChange=${(event) => choose(event.target.value)}>
      ${!attribute && html`<option value=${tree.field}>${tree.field}（没有声明）</option>`}
      ${names?.attributes.map((each) => html`<option value=${each.name}>${each.label}</option>`)}</select>
    ${attribute?.type !== 'boolean' && html`<select aria-label=${`${path}：比较`} value=${tree.op} onChange=${(event) => compare(event.target.value)}>
      ${operators.map((op) => html`<option value=${op}>${OPERATORS[op] ?? { empty: '没有填写', notEmpty: '已经填写', contains: '包含' }[op] ?? op}</option>`)}</select>`}
    <${Value} tree=${tree} attribute=${attribute} names=${names} path=${path} onChange=${(value) => onChange({ ...tree, value })} />
    <button type="button" class="row-button" aria-label=${`删除${path}`} title="删除" onClick=${onRemove}>×</button>
    <button type="button" class="link-button" aria-label=${`把${path}改为一组`} onClick=${() => onChange({ all: [tree, start(names)] })}>＋</button>
  </div>`;
}

function Value({ tree, attribute, names, path, onChange }) {
  const label = `${path}：值`;
  const { value } = tree;
  if (tree.op === 'empty' || tree.op === 'notEmpty') return null;
  if (attribute?.type === 'boolean') {
    const truth = tree.op === 'ne' ? !value : value;
    return html`<select aria-label=${label} value=${String(truth)} onChange=${(event) => onChange((event.target.value === 'true') !== (tree.op === 'ne'))}>
      <option value="true">为“是”</option><option value="false">为“否”</option></select>`;
  }
  if (attribute?.type === 'choice') {
    if (Array.isArray(value)) {
      return html`<span class="condition-options" role="group" aria-label=${label}>${attribute.options.map((option) => html`
        <label><input type="checkbox" checked=${value.includes(option.value)} onChange=${(event) => {
          const next = attribute.options.map((o) => o.value).filter((each) => (each === option.value ? event.target.checked : value.includes(each)));
          if (next.length) onChange(next); else event.target.checked = true;
        }} /> ${option.label}</label>`)}</span>`;
    }
    return html`<select aria-label=${label} value=${value} onChange=${(event) => onChange(event.target.value)}>
      ${attribute.options.map((option) => html`<option value=${option.value}>${option.label}</option>`)}</select>`;
  }
  const param = value && typeof value === 'object' ? value.param : null;
  const numbers = names?.attributes.filter((each) => each.type === 'number' && each.name !== tree.field) ?? [];
  return html`<select aria-label=${`${label}的来源`} value=${param ?? ''} onChange=${(event) => onChange(event.target.value ? { param: event.target.value } : 0)}>
      <option value="">数字</option>
      ${names?.params.map((each) => html`<option value=${each.name}>${each.label}（${valueWord(each.value)}）</option>`)}
      ${numbers.map((each) => html`<option value=${each.name}>属性：${each.label}</option>`)}</select>
    ${param === null && html`<input aria-label=${label} inputmode="decimal" class="amount" value=${String(value ?? '')} onChange=${(event) => {
      const text = event.target.value.replace(/[,，\s]/g, '');
      onChange(/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : event.target.value);
    }} />`}`;
}
