// One control for each kind of field of a rule set. `value` undefined: not written; `onChange(undefined)` takes it away.
import { html } from 'htm/preact';
import { ConditionField } from './condition.js';
import { Chips, One, attributeOptions, fieldOptions, pathOptions, stepOptions } from './pickers.js';
import { attributeOf, stepWord, valueWord } from './words.js';

const UNITS = [['wd', '个工作日'], ['d', '日'], ['h', '小时'], ['m', '个月'], ['y', '年']];
const listOf = (value) => (Array.isArray(value) ? value : value === undefined || value === null || value === '' ? [] : [value]);
const NOT_DRAWN = '流程图中没有';

function Text({ id, value, readonly, described, onChange, long = false }) {
  const common = { id, value: value ?? '', readonly, 'aria-describedby': described, maxlength: 500, onInput: (event) => onChange(event.target.value || undefined) };
  return long ? html`<textarea ...${common} rows="2"></textarea>` : html`<input ...${common} autocomplete="off" />`;
}

/** A number; what is no number stays as it was typed, and is refused by the server. */
function NumberText({ id, value, readonly, described, whole = false, onChange }) {
  const take = (event) => {
    const text = event.target.value.replace(/[,，\s]/g, '');
    if (text === '') return onChange(undefined);
    const fits = whole ? /^\d{1,9}$/ : /^-?\d{1,15}(\.\d+)?$/;
    return onChange(fits.test(text) ? Number(text) : event.target.value);
  };
  return html`<input id=${id} class="amount" inputmode=${whole ? 'numeric' : 'decimal'} value=${value === undefined ? '' : String(value)} readonly=${readonly} aria-describedby=${described} onChange=${take} />`;
}

function Limit({ id, value, readonly, label, onChange }) {
  const [, number = '', unit = 'wd'] = /^(\d*)(wd|d|h|m|y)$/.exec(value ?? '') ?? [];
  const strange = value && !number;
  const put = (n, u) => onChange(n ? `${n}${u}` : undefined);
  return html`<span class="limit">
    <input id=${id} inputmode="numeric" class="amount" size="4" value=${strange ? value : number} readonly=${readonly} onInput=${(event) => put(event.target.value.replace(/\D/g, '').slice(0, 4), unit)} />
    <select aria-label=${`${label}的单位`} value=${unit} disabled=${readonly} onChange=${(event) => put(number, event.target.value)}>${UNITS.map(([each, words]) => html`<option value=${each}>${words}</option>`)}</select></span>`;
}

function Truth({ id, value, readonly, onChange }) {
  return html`<input type="checkbox" id=${id} checked=${value === true} disabled=${readonly} onChange=${(event) => onChange(event.target.checked || undefined)} />`;
}

/** A value of an attribute. */
function ValueOf({ id, value, attribute, readonly, label, onChange }) {
  if (attribute?.type === 'number') return html`<${NumberText} id=${id} value=${value} readonly=${readonly} onChange=${onChange} />`;
  const options = attribute?.type === 'choice' ? attribute.options : [{ value: true, label: '是' }, { value: false, label: '否' }];
  return html`<select id=${id} aria-label=${id ? null : label} value=${String(value ?? '')} disabled=${readonly} onChange=${(event) => onChange(options.find((option) => String(option.value) === event.target.value)?.value)}>
    ${!options.some((option) => option.value === value) && html`<option value=${String(value ?? '')}>${value === undefined ? '请选择' : `${valueWord(value)}（不认识）`}</option>`}
    ${options.map((option) => html`<option value=${String(option.value)}>${option.label}</option>`)}</select>`;
}

/** Rows of key and value: `keys` to choose from, `control(key, value, set)` shows a value. */
function Pairs({ id, value, keys, readonly, label, add, first, control, onChange }) {
  const pairs = Object.entries(value ?? {});
  const word = (key) => keys.find((each) => each.value === key)?.label ?? key;
  const set = (next) => onChange(Object.keys(next).length ? next : undefined);
  const free = keys.filter((each) => !pairs.some(([key]) => key === each.value));
  return html`<div class="pairs" role="group" aria-label=${label}>
    ${pairs.map(([key, each]) => html`<div class="pair" key=${key}><span>${word(key)}</span>${control(key, each, (next) => set({ ...value, [key]: next }))}
      ${!readonly && html`<button type="button" class="row-button" aria-label=${`去掉“${word(key)}”`} onClick=${() => { const { [key]: _, ...rest } = value; set(rest); }}>×</button>`}</div>`)}
    ${!readonly && html`<select id=${id} aria-label=${`${label}：${add}`} value="" disabled=${!free.length} onChange=${(event) => { if (event.target.value) set({ ...value, [event.target.value]: first(event.target.value) }); event.target.value = ''; }}>
      <option value="">＋ ${add}</option>${free.map((each) => html`<option value=${each.value}>${each.label}</option>`)}</select>`}</div>`;
}

function Extensions({ value, schema, readonly, onChange }) {
  const all = listOf(value);
  const put = (list) => onChange(list.length ? (list.length === 1 && !Array.isArray(value) ? list[0] : list) : undefined);
  const set = (at, part) => put(all.map((each, place) => (place === at ? Object.fromEntries(Object.entries({ ...each, ...part }).filter(([, v]) => v !== undefined)) : each)));
  return html`<div class="extensions">
    ${all.map((each, at) => {
    const id = `extension-${at}`;
    return html`<fieldset key=${at} class="inner"><legend>第 ${at + 1} 次延长</legend>
      <div class="field"><label for=${`${id}-limit`}>最多延长</label><${Limit} id=${`${id}-limit`} label="最多延长" value=${each.limit} readonly=${readonly} onChange=${(limit) => set(at, { limit })} /></div>
      <div class="field"><label for=${`${id}-times`}>次数</label><${NumberText} id=${`${id}-times`} whole value=${each.times} readonly=${readonly} onChange=${(times) => set(at, { times })} /></div>
      <div class="field"><label for=${`${id}-approver`}>批准人</label><${One} id=${`${id}-approver`} value=${each.approver} options=${schema.approvers} readonly=${readonly} onChange=${(approver) => set(at, { approver })} /></div>
      <div class="field"><label for=${`${id}-basis`}>依据</label><${Text} id=${`${id}-basis`} value=${each.basis} readonly=${readonly} onChange=${(basis) => set(at, { basis })} /></div>
      ${!readonly && html`<button type="button" class="button small" onClick=${() => put(all.filter((_, place) => place !== at))}>去掉</button>`}</fieldset>`;
  })}
    ${!readonly && html`<button type="button" class="button small" onClick=${() => put([...all, { times: 1, approver: 'head' }])}>＋ 可以延长</button>`}</div>`;
}

function Texts({ id, value, readonly, described, onChange }) {
  const put = (event) => { const lines = event.target.value.split('\n').map((line) => line.trim()).filter(Boolean); onChange(lines.length ? lines : undefined); };
  return html`<textarea id=${id} rows=${Math.max(2, listOf(value).length + 1)} readonly=${readonly} aria-describedby=${described} onChange=${put}>${listOf(value).join('\n')}</textarea>`;
}

/** The control of a field. `entry` is the entry it belongs to, `entryKey` its key in a mapping. */
export function Control({ id, field, value, entry, entryKey, names, schema, readonly, described, onChange }) {
  const label = field.label;
  const common = { id, value, readonly, described, onChange, label };
  const chips = (options, add, unknown) => html`<${Chips} ...${common} options=${options} add=${add} unknown=${unknown} />`;
  const one = (options, empty) => html`<${One} ...${common} options=${options} empty=${empty} required=${field.required} />`;
  const ownStep = listOf(entry?.step)[0] ?? listOf(entry?.steps)[0];
  switch (field.kind) {
    case 'fixed': return html`<input id=${id} value=${value ?? ''} readonly aria-describedby=${described} />`;
    case 'long': return html`<${Text} ...${common} long />`;
    case 'texts': return html`<${Texts} ...${common} />`;
    case 'number': return html`<${NumberText} ...${common} />`;
    case 'integer': return html`<${NumberText} ...${common} whole />`;
    case 'boolean': return html`<${Truth} ...${common} />`;
    case 'power': return one(schema.powers);
    case 'scope': return one(schema.scopes, '由流程代码得出');
    case 'choice': return one(field.options);
    case 'certificate': return one(schema.certificates);
    case 'cause': return one([...schema.causes, ...(value && !schema.causes.some((each) => each.value === value) ? [{ value, label: value }] : [])]);
    case 'limit': return html`<${Limit} ...${common} />`;
    case 'condition': return html`<${ConditionField} ...${common} names=${names} />`;
    case 'default': return html`<${ValueOf} ...${common} attribute=${{ type: entry?.type ?? 'boolean', options: listOf(entry?.options).map((each) => ({ value: each, label: each })) }} />`;
    case 'value': return html`<${ValueOf} ...${common} attribute=${attributeOf(entry?.attribute, names)} />`;
    case 'step': return one(stepOptions(names));
    case 'external': return one(stepOptions(names, 'external'));
    case 'steps': return chips(stepOptions(names, 'steps', { wild: true }), '加一个环节', NOT_DRAWN);
    case 'prefixes': return chips(stepOptions(names, 'steps', { prefixes: true }), '加一个环节', NOT_DRAWN);
    case 'needs': return chips([...stepOptions(names), ...attributeOptions(names, 'boolean').map((each) => ({ ...each, label: `“${each.label}”为是`, group: '属性' }))], '加环节或者属性', '不认识');
    case 'attribute': return one(attributeOptions(names));
    case 'boolean_attribute': return one(attributeOptions(names, 'boolean'));
    case 'number_attribute': return one(attributeOptions(names, 'number'));
    case 'attributes': return chips(attributeOptions(names), '加一个属性', '没有声明');
    case 'documents': return chips((names?.documents ?? []).map((each) => ({ value: each.code, label: `${each.title}（${each.code}）` })), '加一种文书', '没有模板');
    case 'clock': return one((names?.clocks ?? []).map((each) => ({ value: each.name, label: each.label })));
    case 'group': return one((names?.groups ?? []).map((each) => ({ value: each.name, label: each.label })));
    case 'groups': return chips((names?.groups ?? []).filter((each) => each.name !== entry?.name).map((each) => ({ value: each.name, label: each.label })), '加一组', '没有这一组');
    case 'param': return one((names?.params ?? []).map((each) => ({ value: each.name, label: `${each.label}（${each.value}）` })));
    case 'table': return one((names?.tables ?? []).map((each) => ({ value: each.name, label: `${each.title}（${each.name}）` })));
    case 'tiers_table': return one((names?.tables ?? []).filter((each) => each.tiers).map((each) => ({ value: each.name, label: each.title })));
    case 'form_field': return one(pathOptions(names));
    case 'form_path': return html`<${Text} ...${common} />`; // also of another procedure, which no list has
    case 'step_field': return one(fieldOptions(names, ownStep));
    case 'key_step_field': return one(fieldOptions(names, entryKey));
    case 'assignments': return html`<${Pairs} ...${common} keys=${attributeOptions(names)} add="加一个属性" first=${(key) => ({ boolean: false, number: 0 }[attributeOf(key, names)?.type] ?? attributeOf(key, names)?.options[0]?.value)}
      control=${(key, each, set) => html`<${ValueOf} label=${attributeOf(key, names)?.label ?? key} attribute=${attributeOf(key, names)} value=${each} readonly=${readonly} onChange=${set} />`} />`;
    case 'step_fields': return html`<${Pairs} ...${common} keys=${stepOptions(names).filter((each) => fieldOptions(names, each.value).length)} add="加一个环节" first=${(key) => fieldOptions(names, key)[0]?.value}
      control=${(key, each, set) => html`<select aria-label=${`${stepWord(key, names)}的日期`} value=${each} disabled=${readonly} onChange=${(event) => set(event.target.value)}>
        ${!fieldOptions(names, key).some((option) => option.value === each) && html`<option value=${each}>${each}（不认识）</option>`}
        ${fieldOptions(names, key).map((option) => html`<option value=${option.value}>${option.label}</option>`)}</select>`} />`;
    case 'step_certificates': return html`<${Pairs} ...${common} keys=${stepOptions(names)} add="加一个环节" first=${() => 'enforcement'}
      control=${(key, each, set) => html`<select aria-label=${`${stepWord(key, names)}的证件`} value=${each} disabled=${readonly} onChange=${(event) => set(event.target.value)}>${schema.certificates.map((option) => html`<option value=${option.value}>${option.label}</option>`)}</select>`} />`;
    case 'step_conditions': return html`<${Pairs} ...${common} keys=${stepOptions(names).filter((each) => listOf(entry?.stops).includes(each.value))} add="加一个环节" first=${() => ({ field: attributeOptions(names, 'boolean')[0]?.value ?? '', op: 'eq', value: true })}
      control=${(key, each, set) => html`<${ConditionField} id=${`${id}-${key}`} label=${`${stepWord(key, names)}的条件`} value=${each} readonly=${readonly} names=${names} onChange=${set} />`} />`;
    case 'extensions': return html`<${Extensions} value=${value} schema=${schema} readonly=${readonly} onChange=${onChange} />`;
    default: return html`<${Text} ...${common} />`;
  }
}

const GROUPED = new Set(['condition', 'steps', 'prefixes', 'needs', 'attributes', 'documents', 'groups', 'assignments', 'step_fields', 'step_certificates', 'step_conditions', 'extensions']);
const WIDE = new Set([...GROUPED, 'long', 'texts']);

/** A field with its label, hint and error. */
export function Field({ id, field, problems = [], ...rest }) {
  const told = problems.filter((problem) => problem.field === field.name);
  const described = [field.help && `${id}-hint`, told.length && `${id}-error`].filter(Boolean).join(' ') || null;
  const words = html`${field.label}${field.required && html`<span class="required" aria-hidden="true"> *</span>`}`;
  const control = html`<${Control} id=${id} field=${field} described=${described} ...${rest} />`;
  const hint = field.help && html`<span class="hint" id=${`${id}-hint`}>${field.help}</span>`;
  const error = told.length > 0 && html`<span class="field-error" id=${`${id}-error`}>${told.map((problem) => problem.message).join('')}</span>`;
  const wide = WIDE.has(field.kind) || field.name === 'article';
  const look = `field${told.length ? ' wrong' : ''}${wide ? ' wide' : ''}`;
  if (field.kind === 'boolean') return html`<div class=${look}><label class="choice" for=${id}>${control} ${field.label}</label>${hint}${error}</div>`;
  if (GROUPED.has(field.kind)) return html`<div class=${look}><span class="field-label">${words}</span>${hint}${control}${error}</div>`;
  return html`<div class=${look}><label for=${id}>${words}</label>${hint}${control}${error}</div>`;
}
