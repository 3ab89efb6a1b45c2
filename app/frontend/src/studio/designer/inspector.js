// The properties of the chosen part of a form, or of the form itself.
import { h } from 'preact';
import { Checks, Fold, messagesAt, NumberLine, Select, TextBlock, TextLine } from './controls.js';
import { Condition } from './condition.js';
import { facts, firstLeaf } from './condition_tree.js';
import { find, indexOf, rightOf } from './definition.js';
import { Limits } from './limits.js';
import { Columns, Options, Stances } from './options.js';
import { hasOptions, isKeyed, mayBegin, NAMES, optionsOf, WIDTHS } from './types.js';
import { Writes } from './writes.js';
import { flat, grouped } from '../values.js';

const RIGHTS = [['write', '填写'], ['read', '只读'], ['hide', '隐藏']];
const KINDS = { node: '流程图', flow: '流向', form: '表单', document: '文书', rule: '规则', derived: '规则', table: '决策表' };

export function Inspector({ state, selected, problems, around, act, editable }) {
  const item = selected && find(state, selected);
  return h('section', { class: 'dz-inspector', 'aria-label': '属性' },
    h('fieldset', { disabled: !editable }, item ? h(ItemProperties, { key: item.id, item, state, problems, around, act }) : h(FormProperties, { state, problems, around, act })),
    h(Uses, { uses: around.uses, field: item?.raw.key ?? '' }));
}

function FormProperties({ state, problems, around, act }) {
  const { head, items } = state;
  const general = ['', 'items', 'key'].flatMap((place) => messagesAt(problems, place));
  return h('div', null,
    h('h2', null, '表单'),
    general.length > 0 && h('p', { class: 'field-error', role: 'alert' }, general.join(' ')),
    h(TextLine, { label: '表单名称', value: head.title, onInput: (value) => act.head('title', value ?? ''), errors: messagesAt(problems, 'title') }),
    h('p', { class: 'muted' }, '标识：', h('code', null, head.key)),
    h(NumberLine, { label: '版本号', hint: '内容有实质变化时加一', value: head.version, onInput: (value) => act.head('version', value), errors: messagesAt(problems, 'version') }),
    h(Writes, { writes: head.writes ?? {}, items, attributes: around.attributes, problems, onInput: (value) => act.head('writes', Object.keys(value).length ? value : undefined) }),
    h('p', { class: 'hint' }, '在左侧选择一项内容，可以修改它的属性。'));
}

function ItemProperties({ item: { id, raw }, state, problems, around, act }) {
  const place = `items[${indexOf(state, id)}]`;
  const errors = (name) => messagesAt(problems, `${place}.${name}`);
  const put = (name, value) => act.item(id, name, value);
  const known = facts(state.items.map((each) => each.raw), raw.key);
  const keyed = isKeyed(raw.type);
  const limits = { raw, place, problems, positions: around.positions, extensions: around.extensions, onInput: put };
  return h('div', null,
    h('h2', null, NAMES[raw.type] ?? raw.type),
    messagesAt(problems, `${place}.type`).map((message) => h('p', { class: 'field-error', key: message }, message)),
    raw.type === 'note'
      ? h(TextBlock, { label: '说明文字', value: raw.label, onInput: (value) => put('label', value), errors: errors('label') })
      : h(TextLine, { label: '名称', value: raw.label, maxlength: 100, onInput: (value) => put('label', value ?? ''), errors: errors('label'), 'data-label-of-item': '' }),
    keyed && h(TextLine, { label: '标识', hint: '小写英文字母、数字和下划线；改动后引用它的地方随之更新', value: raw.key, onDone: (value) => act.rename(id, value ?? ''), errors: errors('key') }),
    raw.type !== 'note' && h(TextLine, { label: '填写说明', optional: true, value: raw.help, onInput: (value) => put('help', value), errors: errors('help') }),
    keyed && h(Select, { label: '宽度', value: raw.width ?? 12, options: WIDTHS, onInput: (value) => put('width', Number(value) === 12 ? undefined : Number(value)), errors: errors('width') }),
    keyed && h(Required, { raw, known, errors, onInput: (changes) => act.several(id, changes) }),
    hasOptions(raw.type) && !raw.items && h(Options, { raw, place, problems, onInput: (value) => put('options', value) }),
    raw.type === 'opinion' && h(Stances, { raw, place, problems, onInput: (value) => put('options', value) }),
    raw.type === 'list' && h(Columns, { raw, place, problems, positions: around.positions, onInput: (value, name = 'columns') => put(name, value) }),
    h(Limits, limits),
    h(Condition, { title: '显示条件', hint: '一直显示', tree: raw.visibleWhen, known, errors: errors('visibleWhen'), onInput: (tree) => put('visibleWhen', tree) }),
    keyed && h(Beginning, { raw, head: state.head, around, problems, errors, put, act }),
    keyed && h(StepRights, { state, raw, around, problems, act }));
}

function Required({ raw, known, errors, onInput }) {
  const how = raw.requiredWhen ? 'when' : raw.required ? 'yes' : '';
  const options = [['', '不必填'], ['yes', '必填'], ...(known.length || raw.requiredWhen ? [['when', '符合条件时必填']] : [])];
  const choose = (chosen) => onInput({ required: chosen === 'yes' ? true : undefined, requiredWhen: chosen === 'when' ? firstLeaf(known[0]) : undefined });
  return h('div', null,
    h(Select, { label: '必填', value: how, options, onInput: choose, errors: errors('required') }),
    raw.requiredWhen && h(Condition, { title: '必填条件', hint: '请添加条件', tree: raw.requiredWhen, known, errors: errors('requiredWhen'), onInput: (tree) => onInput({ requiredWhen: tree }) }));
}

/** The answer to begin with: from the case, or a fixed one. */
function Beginning({ raw, head, around, problems, errors, put, act }) {
  const source = head.prefill?.[raw.key];
  const options = [['', '不取自案件'], ...grouped(flat(around.values).filter(({ path }) => !path.startsWith('attributes.') && !path.startsWith('document.')))];
  return h('div', null,
    h(Select, { label: '取自案件', hint: '打开表单时带出的内容', value: source, options, onInput: (path) => act.prefill(raw.key, path || undefined), errors: messagesAt(problems, `prefill.${raw.key}`) }),
    mayBegin(raw.type) && h(Default, { raw, errors: errors('default'), onInput: (value) => put('default', value) }));
}

function Default({ raw, errors, onInput }) {
  const none = [['', '没有']];
  const label = '默认值';
  if (raw.type === 'date') {
    return h(Select, { label, value: raw.default, options: [...none, ['today', '办理当天']], onInput: (value) => onInput(value || undefined), errors });
  }
  if (raw.type === 'yesno') return h(Select, { label, value: raw.default, options: [...none, ['yes', '是'], ['no', '否']], onInput: (value) => onInput(value || undefined), errors });
  const options = optionsOf(raw).map(({ value, label: words }) => [value, words]);
  if (raw.type === 'checkboxes') return h(Checks, { label, chosen: raw.default ?? [], options, onInput: (values) => onInput(values.length ? values : undefined), errors });
  if (raw.type === 'radio' || raw.type === 'select') return h(Select, { label, value: raw.default, options: [...none, ...options], onInput: (value) => onInput(value || undefined), errors });
  if (raw.type === 'number' || raw.type === 'money') return h(NumberLine, { label, value: raw.default, onInput, errors });
  return h(TextLine, { label, optional: true, value: raw.default, onInput, errors });
}

function StepRights({ state, raw, around, problems, act }) {
  const wrong = Object.entries(problems).filter(([place]) => /^rights\[\d+\]/.test(place) && (place.endsWith(`.fields.${raw.key}`) || !place.includes('.fields.'))).flatMap(([, messages]) => messages);
  const restricted = around.steps.filter((step) => rightOf(state, step, raw.key) !== 'write').length;
  return h(Fold, { title: '各环节的权限', count: restricted, open: restricted > 0 || wrong.length > 0 },
    around.steps.length === 0 && h('p', { class: 'muted' }, '流程图中还没有环节使用这个表单。在“流程图”中为环节选择表单后，可以在这里规定谁能填写。'),
    around.steps.map((step) => h(Select, {
      key: step.node, label: step.name, value: rightOf(state, step, raw.key), options: RIGHTS, onInput: (right) => act.right(step, raw.key, right),
    })),
    wrong.length > 0 && h('p', { class: 'field-error' }, [...new Set(wrong)].join(' ')));
}

function Uses({ uses, field }) {
  const here = uses.filter((use) => (field ? use.field === field : true));
  const shown = field ? here : [...new Map(here.map((use) => [`${use.where}${use.field ? '' : use.what}`, use])).values()];
  return h(Fold, { title: field ? '这一项用在哪里' : '用在哪里', count: shown.length, open: true },
    shown.length === 0 && h('p', { class: 'muted' }, field ? '没有别处使用这一项。' : '还没有别处使用这个表单。'),
    h('ul', { class: 'dz-uses' }, shown.map((use, index) => h('li', { key: index }, h('span', { class: 'tag' }, KINDS[use.kind] ?? use.kind), ' ', use.where, use.what && h('small', { class: 'muted' }, ` ${use.what}`)))));
}
