// Condition trees as an analyst reads and builds them: what a form's fields offer to conditions, and the tree as a
// Chinese sentence. The tree itself and its meaning: src/conditions.js, app/forms/conditions.py.
import { optionsOf, PARTY_PARTS } from './types.js';

const YES_NO = [{ value: 'yes', label: '是' }, { value: 'no', label: '否' }];
const KINDS = [{ value: 'person', label: '自然人' }, { value: 'organisation', label: '法人或者其他组织' }];

export const OPERATORS = {
  eq: '是', ne: '不是', in: '是其中之一', notIn: '不是其中任何一个', contains: '包含', gt: '大于', gte: '不小于', lt: '小于', lte: '不大于',
  notEmpty: '已填写', empty: '没有填写',
};
const ANSWERED = ['notEmpty', 'empty'];
const BY_TYPE = {
  choice: ['eq', 'ne', 'in', 'notIn', ...ANSWERED],
  choices: ['contains', ...ANSWERED],
  number: ['gte', 'gt', 'lte', 'lt', 'eq', 'ne', ...ANSWERED],
  date: ['gte', 'gt', 'lte', 'lt', 'eq', ...ANSWERED],
  text: ['eq', 'ne', 'contains', ...ANSWERED],
  presence: ANSWERED,
};

export const operatorsOf = (fact) => BY_TYPE[fact?.kind] ?? Object.keys(OPERATORS);
export const takesValue = (op) => !ANSWERED.includes(op);
export const takesList = (op) => op === 'in' || op === 'notIn';

const OF_TYPE = { number: 'number', money: 'number', date: 'date', datetime: 'date', text: 'text', textarea: 'text' };

function factsOf(item) {
  const label = item.label || item.key;
  const one = (name, words, kind, options) => ({ name, label: words, kind, options });
  if (['radio', 'select'].includes(item.type)) return [one(item.key, label, 'choice', optionsOf(item))];
  if (item.type === 'yesno') return [one(item.key, label, 'choice', YES_NO)];
  if (item.type === 'checkboxes') return [one(item.key, label, 'choices', optionsOf(item))];
  if (item.type === 'opinion') {
    const stances = { agree: '同意', disagree: '不同意', amend: '修改后再报' };
    const options = optionsOf(item).map(({ value, label: words }) => ({ value, label: words === value ? stances[value] ?? value : words }));
    return [one(`${item.key}.stance`, `${label}：意见`, 'choice', options), one(`${item.key}.text`, `${label}：理由`, 'text')];
  }
  if (item.type === 'party') {
    return PARTY_PARTS.map(([part, words]) => (part === 'kind' ? one(`${item.key}.kind`, `${label}：${words}`, 'choice', KINDS) : one(`${item.key}.${part}`, `${label}：${words}`, 'text')));
  }
  if (item.type === 'law') return [one(`${item.key}.law`, `${label}：法律名称`, 'text'), one(`${item.key}.article`, `${label}：条款`, 'text')];
  return [one(item.key, label, OF_TYPE[item.type] ?? 'presence')];
}

/** What conditions may ask of a form: { name, label, kind, options } in the order of the form, `except` left out. */
export function facts(items, except = '') {
  return items.filter((item) => item.key && item.key !== except).flatMap(factsOf);
}

/** A comparison to begin with. */
export function firstLeaf(fact) {
  const [op] = operatorsOf(fact);
  const leaf = { field: fact.name, op };
  return takesValue(op) ? { ...leaf, value: fact.options?.[0]?.value ?? '' } : leaf;
}

/** The comparison with another operator: its value stays as far as it fits. */
export function withOperator(leaf, op, fact) {
  const { value, ...rest } = leaf;
  if (!takesValue(op)) return { ...rest, op };
  const first = Array.isArray(value) ? value[0] : value;
  const kept = first ?? fact?.options?.[0]?.value ?? '';
  return { ...rest, op, value: takesList(op) ? (Array.isArray(value) ? value : kept === '' ? [] : [kept]) : kept };
}

/** A number stays a number, other text stays text. */
export function valueOf(fact, text) {
  return fact?.kind === 'number' && /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

export const isLeaf = (tree) => Boolean(tree) && typeof tree === 'object' && 'field' in tree;
export const modeOf = (tree) => (tree && 'any' in tree ? 'any' : 'all');
export const partsOf = (tree) => {
  if (!tree || Object.keys(tree).length === 0) return [];
  const parts = tree.all ?? tree.any;
  return Array.isArray(parts) ? parts : [tree];
};

/** The tree of these parts; a single one stands for itself, none for no condition. */
export function treeOf(mode, parts) {
  if (!parts.length) return undefined;
  return parts.length === 1 ? parts[0] : { [mode]: parts };
}

function said(value, fact) {
  const label = fact?.options?.find((option) => option.value === String(value))?.label;
  if (typeof value === 'boolean') return value ? '“是”' : '“否”';
  if (value && typeof value === 'object' && 'param' in value) return `规定的数额（${value.param}）`;
  if (fact?.kind === 'number') return ` ${value} `;
  return `“${label ?? value}”`;
}

/** A tree as a sentence; `known` are the facts it may speak of. */
export function sentence(tree, known, depth = 0) {
  if (!tree || Object.keys(tree).length === 0) return '';
  if (tree.not) return `并非（${sentence(tree.not, known)}）`;
  if (!isLeaf(tree)) {
    const parts = partsOf(tree).map((part) => sentence(part, known, depth + 1));
    const joined = parts.join(modeOf(tree) === 'any' ? '，或者' : '，并且');
    return depth && parts.length > 1 ? `（${joined}）` : joined;
  }
  const fact = known.find(({ name }) => name === tree.field);
  const name = `“${fact?.label ?? tree.field}”`;
  if (!takesValue(tree.op)) return `${name}${OPERATORS[tree.op]}`;
  if (takesList(tree.op)) {
    const values = (Array.isArray(tree.value) ? tree.value : []).map((value) => said(value, fact)).join('、') || '……';
    return `${name}${tree.op === 'in' ? '是' : '不是'}${values}${tree.op === 'in' ? '之一' : '中的任何一个'}`;
  }
  const value = tree.value === '' || tree.value === undefined ? '……' : said(tree.value, fact);
  return `${name}${OPERATORS[tree.op] ?? tree.op}${value}`.trimEnd();
}
