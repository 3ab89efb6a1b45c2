// A rule set in Chinese: what steps, attributes and conditions are called. Pure.

export const OPERATORS = {
  eq: '是', ne: '不是', in: '是其中之一', notIn: '不是其中任何一个',
  gt: '大于', gte: '大于等于', lt: '小于', lte: '小于等于',
};
/** The operators that make sense for a type of attribute. */
export const OPERATORS_OF = {
  boolean: ['eq'],
  number: ['gte', 'gt', 'lte', 'lt', 'eq', 'ne'],
  choice: ['eq', 'ne', 'in', 'notIn'],
};
const UNITS = { wd: '个工作日', d: '日', h: '小时', m: '个月', y: '年' };

const find = (list, name, key = 'name') => list?.find((each) => each[key] === name);

export const attributeOf = (name, names) => find(names?.attributes, name);
export const attributeWord = (name, names) => attributeOf(name, names)?.label ?? String(name ?? '');
export const formWord = (key, names) => find(names?.forms, key, 'key')?.title ?? key;
/** A form, or a field of one: `form.field`. A form of another procedure is told by its key. */
export function pathWord(path, names) {
  const [key, ...rest] = String(path).split('.');
  const form = find(names?.forms, key, 'key');
  if (!form) return `其他流程的表单 ${path}`;
  const field = rest.length ? find(form.fields, rest.join('.'), 'key') : undefined;
  return `${form.title}${rest.length ? `的“${field?.label ?? rest.join('.')}”` : ''}`;
}
export const documentWord = (code, names) => { const found = find(names?.documents, code, 'code'); return found ? `${found.title}（${code}）` : code; };
export const clockWord = (id, names) => find(names?.clocks, id)?.label ?? id;

export function stepWord(tag, names, list = 'steps') {
  if (typeof tag !== 'string') return '';
  if (tag.endsWith('.*')) return `${stepWord(tag.slice(0, -2), names, list)}的下级环节`;
  const found = find(names?.[list], tag, 'tag');
  return found?.names.length ? found.names.join('、') : tag;
}

export function valueWord(value, attribute) {
  if (value === true) return '是';
  if (value === false) return '否';
  if (typeof value === 'number') return value.toLocaleString('zh-CN', { maximumFractionDigits: 15 });
  return attribute?.options?.find((option) => option.value === value)?.label ?? String(value ?? '');
}

export function limitWord(text) {
  const found = /^(\d+)(wd|d|h|m|y)$/.exec(text ?? '');
  return found ? `${found[1]} ${UNITS[found[2]]}` : String(text ?? '');
}

/** A condition tree as a Chinese sentence; empty for none. */
export function conditionWords(tree, names, inner = false) {
  if (!tree || typeof tree !== 'object' || !Object.keys(tree).length) return '';
  const joined = (parts, word) => {
    const said = parts.map((part) => conditionWords(part, names, parts.length > 1)).filter(Boolean);
    const text = said.join(word);
    return inner && said.length > 1 ? `（${text}）` : text;
  };
  if (Array.isArray(tree.all)) return joined(tree.all, '，并且');
  if (Array.isArray(tree.any)) return joined(tree.any, '，或者');
  if ('not' in tree) return `并非（${conditionWords(tree.not, names)}）`;
  const attribute = attributeOf(tree.field, names);
  const label = `“${attribute?.label ?? tree.field}”`;
  if (tree.op === 'empty') return `${label}没有填写`;
  if (tree.op === 'notEmpty') return `${label}已经填写`;
  const { value } = tree;
  if (value && typeof value === 'object' && !Array.isArray(value)) {
    const param = find(names?.params, value.param);
    return `${label}${OPERATORS[tree.op] ?? tree.op}${param ? `${param.label}（${valueWord(param.value)}）` : `“${attributeWord(value.param, names)}”`}`;
  }
  if (typeof value === 'boolean' && (tree.op === 'eq' || tree.op === 'ne')) return `${label}为“${valueWord((tree.op === 'eq') === value)}”`;
  const said = Array.isArray(value) ? value.map((each) => `“${valueWord(each, attribute)}”`).join('、') : typeof value === 'number' ? ` ${valueWord(value)}` : `“${valueWord(value, attribute)}”`;
  return `${label}${OPERATORS[tree.op] ?? tree.op}${said}`;
}

const list = (value) => (Array.isArray(value) ? value : value === undefined || value === null || value === '' ? [] : [value]);

/** What a field says in the headline of its entry. */
export function fieldWords(field, value, names, schema, entry = {}) {
  if (value === undefined || value === null || value === '') return '';
  const many = (word) => list(value).map(word).join('、');
  const choose = (options) => options.find((option) => option.value === value)?.label ?? String(value);
  switch (field.kind) {
    case 'step': case 'steps': case 'prefixes': return many((tag) => stepWord(tag, names));
    case 'needs': return `须${many((name) => (attributeOf(name, names) ? `“${attributeWord(name, names)}”` : stepWord(name, names)))}`;
    case 'attribute': case 'attributes': case 'boolean_attribute': case 'number_attribute': return many((name) => attributeWord(name, names));
    case 'limit': return limitWord(value);
    case 'condition': return conditionWords(value, names);
    case 'documents': return many((code) => documentWord(code, names));
    case 'clock': return clockWord(value, names);
    case 'choice': return choose(field.options ?? []);
    case 'value': return `为“${valueWord(value, attributeOf(entry.attribute, names))}”`;
    case 'certificate': return choose(schema.certificates);
    case 'tiers_table': return find(names?.tables, value)?.title ?? value;
    case 'form_path': case 'form_field': return pathWord(value, names);
    case 'step_field': return value;
    case 'integer': return `${value} 次`;
    default: return typeof value === 'number' ? valueWord(value) : Array.isArray(value) ? value.join('、') : typeof value === 'object' ? '' : String(value);
  }
}

/** The headline of an entry. */
export const entryWords = (section, entry, names, schema) => section.summary
  .map((name) => { const field = section.fields.find((each) => each.name === name); return field ? fieldWords(field, entry?.[name], names, schema, entry) : ''; })
  .filter(Boolean).join(' · ');
