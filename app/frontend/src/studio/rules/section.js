// One section of a rule set: a list of entries, a mapping, one value or the fields of one object.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Control, Field } from './fields.js';
import { entryWords, stepWord } from './words.js';

const listOf = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const idOf = (...parts) => parts.join('-').replace(/[^A-Za-z0-9\u4e00-\u9fff_-]/g, '_');
const shown = (field, entry) => !field.only || Object.entries(field.only).every(([name, value]) => entry?.[name] === value);

export function Section({ section, value, problems, edit, ...rest }) {
  const own = problems.filter((problem) => problem.section === section.name);
  const general = own.filter((problem) => problem.entry === null && !problem.field);
  const common = { section, value, problems: own, edit, ...rest };
  const shapes = { fields: Fields, list: List, map: Mapping, map_value: MappingOfValues, value: Single };
  return html`<section class="card rule-section" aria-labelledby="section-title">
    <h2 id="section-title" tabindex="-1">${section.title}</h2>
    ${section.help && html`<p class="muted">${section.help}</p>`}
    ${general.map((problem) => html`<div class="notice danger"><p>${problem.message}</p></div>`)}
    <${shapes[section.shape]} ...${common} /></section>`;
}

function Fields({ section, value, problems, edit, ...rest }) {
  const path = section.name ? [section.name] : [];
  const id = section.name || 'basics';
  return html`<div class="rule-fields">${section.fields.map((field) => html`<${Field} key=${field.name} id=${idOf(id, field.name)} field=${field} value=${value?.[field.name]} entry=${value}
    problems=${problems} onChange=${(next) => edit([...path, field.name], next, `${id}.${field.name}`)} ...${rest} />`)}
    ${section.name && html`<${Rest} section=${section} entry=${value} />`}</div>`;
}

function Single({ section, value, edit, ...rest }) {
  const field = { ...section.value, name: 'value', help: '', required: false };
  return html`<div class="rule-fields"><${Field} id=${idOf(section.name)} field=${field} value=${value} onChange=${(next) => edit([section.name], next)} ...${rest} problems=${[]} /></div>`;
}

/** What an entry holds that the forms do not know. It stays as it is. */
function Rest({ section, entry }) {
  const strange = Object.keys(entry ?? {}).filter((name) => !section.fields.some((field) => field.name === name));
  return strange.length ? html`<p class="muted small-text">另有内容（原样保留）：${strange.map((name) => html`<code>${name}</code> `)}</p>` : null;
}

function List({ section, value, problems, edit, text, ...rest }) {
  const entries = listOf(value);
  const [open, setOpen] = useState(null);
  const add = () => {
    const start = Object.fromEntries(section.fields.filter((field) => field.required && ['steps', 'needs', 'attributes', 'documents'].includes(field.kind)).map((field) => [field.name, []]));
    edit([section.name], [...entries, start]);
    setOpen(entries.length);
  };
  const act = {
    remove: (at) => { edit([section.name], entries.length > 1 ? entries.filter((_, place) => place !== at) : undefined, null, (doc) => (entries.length > 1 ? doc.remove([section.name], at) : doc.set([section.name], undefined))); setOpen(null); },
    move: (at, step) => { edit([section.name], null, null, (doc) => doc.move([section.name], at, step)); setOpen(at + step); },
    copy: (at) => { edit([section.name], [...entries, structuredClone(entries[at])]); setOpen(entries.length); },
  };
  return html`<ol class="rule-entries">${entries.map((entry, at) => html`
    <${Entry} key=${at} title=${entryWords(section, entry, rest.names, rest.schema) || '（尚未填写）'} number=${at + 1} open=${open === at} onOpen=${(state) => setOpen(state ? at : null)}
      problems=${problems.filter((problem) => problem.entry === at)} readonly=${rest.readonly} act=${act} at=${at} count=${entries.length} ordered>
      ${section.fields.filter((field) => shown(field, entry)).map((field) => html`<${Field} key=${field.name} id=${idOf(section.name, at, field.name)} field=${field} value=${entry?.[field.name]} entry=${entry}
        problems=${problems.filter((problem) => problem.entry === at)} onChange=${(next) => edit([section.name, at, field.name], next, `${section.name}.${at}.${field.name}`)} ...${rest} />`)}
      <${Rest} section=${section} entry=${entry} />
    <//>`)}</ol>
    ${!entries.length && html`<p class="empty">还没有内容。</p>`}
    ${!rest.readonly && html`<button type="button" class="button small" onClick=${add}>＋ 加一项</button>`}`;
}

function Entry({ title, number, open, onOpen, problems, readonly, act, at, count, ordered = false, children }) {
  const host = useRef(null);
  const [sure, setSure] = useState(false);
  useEffect(() => {
    if (!open) { setSure(false); return; }
    host.current.querySelector('.rule-body :is(input, select, textarea, button)')?.focus({ preventScroll: true });
    host.current.scrollIntoView({ block: 'nearest' });
  }, [open]);
  return html`<li ref=${host} class=${problems.length ? 'has-problem' : ''}>
    <button type="button" class="rule-head" aria-expanded=${String(open)} onClick=${() => onOpen(!open)}>
      ${number !== undefined && html`<span class="rule-number">${number}</span>`}<span class="rule-title">${title}</span>
      ${problems.length > 0 && html`<span class="tag danger">${problems.length} 处须改正</span>`}</button>
    ${problems.length > 0 && html`<ul class="rule-problems">${problems.map((problem) => html`<li>${problem.message}</li>`)}</ul>`}
    ${open && html`<div class="rule-body"><div class="rule-fields">${children}</div>
      ${!readonly && html`<div class="rule-acts" role="group" aria-label="这一项">
        ${ordered && html`<button type="button" class="button small" disabled=${at === 0} onClick=${() => act.move(at, -1)}>上移</button>
        <button type="button" class="button small" disabled=${at === count - 1} onClick=${() => act.move(at, 1)}>下移</button>
        <button type="button" class="button small" onClick=${() => act.copy(at)}>复制</button>`}
        ${sure ? html`<span class="sure">确定删除？<button type="button" class="button small" onClick=${() => act.remove(at)}>删除</button><button type="button" class="link-button" onClick=${() => setSure(false)}>不删</button></span>`
    : html`<button type="button" class="button small" onClick=${() => setSure(true)}>删除</button>`}</div>`}</div>`}
  </li>`;
}

const DEFAULTS = { boolean: false, number: 0 };
const LONE = new Set(['key_step_field', 'form_field', 'text']);
const KEY = /^[A-Za-z][A-Za-z0-9_]*$/;

function keyWord(kind, key, names, field) {
  if (kind === 'step') return stepWord(key, names);
  if (kind === 'external') return stepWord(key, names, 'external');
  if (kind === 'table') return names?.tables.find((table) => table.name === key)?.title ?? key;
  return field?.options?.find((option) => option.value === key)?.label ?? key;
}

function Mapping({ section, value, problems, edit, ...rest }) {
  const entries = Object.entries(Array.isArray(value) ? Object.fromEntries(value.map((each) => [each, {}])) : value ?? {});
  const asMap = (next) => (Array.isArray(value) ? edit([section.name], Object.fromEntries(value.map((each) => [each, {}])), null, null, next) : next());
  const [open, setOpen] = useState(null);
  const change = (key, entry, field, next) => {
    // an attribute of another type begins anew: what it is where nobody has filled it in is of the new type
    if (section.name === 'attributes' && field.name === 'type') {
      const { options, ...rest_ } = entry ?? {};
      edit([section.name, key], { ...rest_, type: next, default: DEFAULTS[next] ?? options?.[0] ?? '', ...(next === 'choice' ? { options: options ?? [] } : {}) });
    } else edit([section.name, key, field.name], next, `${section.name}.${key}.${field.name}`);
  };
  const remove = (key) => { asMap(() => edit(entries.length > 1 ? [section.name, key] : [section.name], undefined)); setOpen(null); };
  return html`<ol class="rule-entries">${entries.map(([key, entry]) => {
    const words = entryWords(section, entry, rest.names, rest.schema);
    const own = problems.filter((problem) => problem.entry === key);
    return html`<${Entry} key=${key} title=${html`${words || keyWord(section.key.kind, key, rest.names)} <small>${key}</small>`} open=${open === key} onOpen=${(state) => setOpen(state ? key : null)}
        problems=${own} readonly=${rest.readonly} act=${{ remove: () => remove(key) }}>
      ${section.key.kind === 'identifier' && html`<${KeyField} section=${section} id=${idOf(section.name, key, 'key')} value=${key} taken=${entries.map(([each]) => each)} readonly=${rest.readonly} onRename=${(to) => { edit([section.name], null, null, (doc) => doc.rename([section.name], key, to)); setOpen(to); }} />`}
      ${section.fields.filter((field) => shown(field, entry)).map((field) => html`<${Field} key=${field.name} id=${idOf(section.name, key, field.name)} field=${field} value=${entry?.[field.name]} entry=${entry} entryKey=${key}
        problems=${own} onChange=${(next) => asMap(() => change(key, entry, field, next))} ...${rest} />`)}
      <${Rest} section=${section} entry=${entry ?? {}} /><//>`;
  })}</ol>
    ${!entries.length && html`<p class="empty">还没有内容。</p>`}
    ${!rest.readonly && html`<${NewKey} section=${section} taken=${entries.map(([each]) => each)} names=${rest.names} onAdd=${(key) => { asMap(() => edit([section.name, key], section.name === 'attributes' ? { type: 'boolean', default: false } : {})); setOpen(key); }} />`}`;
}

function KeyField({ section, id, value, taken, readonly, onRename }) {
  const [error, setError] = useState('');
  const take = (event) => {
    const to = event.target.value.trim();
    if (to === value) return setError('');
    if (!KEY.test(to)) return setError('代码以英文字母开头，只含字母、数字和下划线。');
    if (taken.includes(to)) return setError('已有这个代码。');
    setError('');
    return onRename(to);
  };
  return html`<div class=${`field${error ? ' wrong' : ''}`}><label for=${id}>${section.key.label}</label>
    <span class="hint" id=${`${id}-hint`}>改名以后，引用它的地方要一并修改，系统会逐处指出</span>
    <input id=${id} value=${value} readonly=${readonly} maxlength="60" aria-describedby=${`${id}-hint ${id}-error`} onChange=${take} /><span class="field-error" id=${`${id}-error`} role="alert">${error}</span></div>`;
}

function keyOptions(section, names) {
  const { kind, options } = section.key;
  if (options) return options;
  if (kind === 'step' || kind === 'external') {
    const list = kind === 'step' ? 'steps' : 'external';
    return (names?.[list] ?? []).map((step) => ({ value: step.tag, label: `${stepWord(step.tag, names, list)}（${step.tag}）` }));
  }
  return (names?.tables ?? []).map((table) => ({ value: table.name, label: table.title }));
}

function NewKey({ section, taken, names, onAdd }) {
  const id = `new-${section.name}`;
  const [error, setError] = useState('');
  if (section.key.kind !== 'identifier') {
    const free = keyOptions(section, names).filter((option) => !taken.includes(option.value));
    return html`<div class="rule-new"><label class="visually-hidden" for=${id}>加一项：选择${section.key.label}</label>
      <select id=${id} value="" disabled=${!free.length} onChange=${(event) => { if (event.target.value) onAdd(event.target.value); event.target.value = ''; }}>
        <option value="">＋ 加一项：选择${section.key.label}</option>${free.map((option) => html`<option value=${option.value}>${option.label}</option>`)}</select></div>`;
  }
  const add = (event) => {
    event.preventDefault();
    const key = event.target.elements[id].value.trim();
    if (!KEY.test(key)) return setError('代码以英文字母开头，只含字母、数字和下划线。');
    if (taken.includes(key)) return setError('已有这个代码。');
    setError('');
    event.target.reset();
    return onAdd(key);
  };
  return html`<form class="rule-new" onSubmit=${add}><label for=${id}>新的${section.title}：代码</label>
    <input id=${id} maxlength="60" autocomplete="off" aria-describedby=${`${id}-error`} /><button class="button small">＋ 加一项</button>
    <span class="field-error" id=${`${id}-error`} role="alert">${error}</span></form>`;
}

function MappingOfValues({ section, value, problems, edit, ...rest }) {
  const entries = Object.entries(value ?? {});
  const field = { ...section.value, name: 'value', help: '', required: false };
  const first = { step: undefined, steps: [], attributes: [], prefixes: [], assignments: {} };
  const options = keyOptions(section, rest.names);
  return html`<ol class="rule-entries flat">${entries.map(([key, each]) => {
    const own = problems.filter((problem) => problem.entry === key);
    const known = options.some((option) => option.value === key);
    const word = keyWord(section.key.kind, key, rest.names, section.key);
    return html`<li key=${key} class=${own.length ? 'has-problem' : ''}>
      <div class="rule-pair"><div class="rule-key"><strong>${word}</strong> <small>${key}</small>${!known && html`<span class="tag warn">流程图中没有</span>`}</div>
        <div class="rule-value">${LONE.has(section.value.kind) && html`<label class="visually-hidden" for=${idOf(section.name, key)}>${word}：${field.label}</label>`}<${Control} id=${idOf(section.name, key)} field=${{ ...field, label: `${word}：${field.label}` }} value=${each} entryKey=${key} onChange=${(next) => edit([section.name, key], next === undefined && Array.isArray(each) ? [] : next ?? '')} ...${rest} /></div>
        ${!rest.readonly && html`<button type="button" class="button small" aria-label=${`删除“${word}”`} onClick=${() => edit(entries.length > 1 ? [section.name, key] : [section.name], undefined)}>删除</button>`}</div>
      ${own.length > 0 && html`<ul class="rule-problems">${own.map((problem) => html`<li>${problem.message}</li>`)}</ul>`}</li>`;
  })}</ol>
    ${!entries.length && html`<p class="empty">还没有内容。</p>`}
    ${!rest.readonly && html`<${NewKey} section=${section} taken=${entries.map(([each]) => each)} names=${rest.names} onAdd=${(key) => edit([section.name, key], first[section.value.kind] ?? '')} />`}`;
}
