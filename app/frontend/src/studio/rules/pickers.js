// Choosing several things: what is chosen stands as a row of chips, the rest in a list to add from.
import { html } from 'htm/preact';
import { stepWord } from './words.js';

const listOf = (value) => (Array.isArray(value) ? value : value ? [value] : []);

/** `options`: `[{ value, label, group }]`; what is chosen and not offered is marked. A single text stays a single text. */
export function Chips({ id, value, options, readonly, label, add, unknown = '不认识', onChange }) {
  const chosen = listOf(value);
  const set = (list) => onChange(list.length ? list : undefined);
  const free = options.filter((option) => !chosen.includes(option.value));
  const groups = [...new Set(free.map((option) => option.group ?? ''))];
  const offer = (group) => free.filter((option) => (option.group ?? '') === group).map((option) => html`<option value=${option.value}>${option.label}</option>`);
  return html`<div class="chips" role="group" aria-label=${label}>
    ${chosen.map((each, at) => {
    const known = options.find((option) => option.value === each);
    return html`<span class=${`chip${known ? '' : ' unknown'}`} key=${each}>${known ? known.label : html`<code>${each}</code><small>${unknown}</small>`}
      ${!readonly && html`<button type="button" aria-label=${`去掉“${known?.label ?? each}”`} onClick=${() => set(chosen.filter((_, place) => place !== at))}>×</button>`}</span>`;
  })}
    ${!readonly && html`<select id=${id} aria-label=${`${label}：${add}`} value="" disabled=${!free.length} onChange=${(event) => { if (event.target.value) set([...chosen, event.target.value]); event.target.value = ''; }}>
      <option value="">＋ ${add}</option>
      ${groups.map((group) => (group ? html`<optgroup label=${group}>${offer(group)}</optgroup>` : offer(group)))}</select>`}
    ${readonly && !chosen.length && html`<span class="muted" id=${id}>无</span>`}
  </div>`;
}

/** One of several; what is written and not offered stays to be seen. `options` as above. */
export function One({ id, value, options, readonly, empty = '（不填）', required = false, described, onChange }) {
  const known = value === undefined || value === null || value === '' || options.some((option) => option.value === value);
  const groups = [...new Set(options.map((option) => option.group ?? ''))];
  const offer = (group) => options.filter((option) => (option.group ?? '') === group).map((option) => html`<option value=${option.value}>${option.label}</option>`);
  return html`<select id=${id} value=${value ?? ''} disabled=${readonly} aria-describedby=${described} onChange=${(event) => onChange(event.target.value || undefined)}>
    ${(!required || value === undefined || value === null || value === '') && html`<option value="">${required ? '请选择' : empty}</option>`}
    ${!known && html`<option value=${value}>${value}（不认识）</option>`}
    ${groups.map((group) => (group ? html`<optgroup label=${group}>${offer(group)}</optgroup>` : offer(group)))}</select>`;
}

/** The legal steps of a diagram, with `decide.*` where something lies below a step. */
export function stepOptions(names, list = 'steps', { wild = false, prefixes = false } = {}) {
  const steps = names?.[list] ?? [];
  const found = steps.map((step) => ({ value: step.tag, label: `${stepWord(step.tag, names, list)}（${step.tag}）` }));
  if (wild || prefixes) {
    const above = new Set(steps.flatMap(({ tag }) => tag.split('.').slice(0, -1).map((_, at) => tag.split('.').slice(0, at + 1).join('.'))));
    for (const prefix of above) {
      if (wild) found.push({ value: `${prefix}.*`, label: `${stepWord(`${prefix}.*`, names, list)}（${prefix}.*）`, group: '一类环节' });
      if (prefixes && !steps.some((step) => step.tag === prefix)) found.push({ value: prefix, label: `${prefix} 及其下级环节`, group: '一类环节' });
    }
  }
  return found;
}

export const attributeOptions = (names, type) => (names?.attributes ?? [])
  .filter((each) => !type || each.type === type).map((each) => ({ value: each.name, label: each.label }));

export function fieldOptions(names, step) {
  const form = names?.steps.find((each) => each.tag === step)?.form;
  return (names?.forms.find((each) => each.key === form)?.fields ?? []).map((field) => ({ value: field.key, label: field.label }));
}

export const pathOptions = (names) => (names?.forms ?? []).flatMap((form) => form.fields.map((field) => ({
  value: `${form.key}.${field.key}`, label: field.label, group: form.title,
})));
