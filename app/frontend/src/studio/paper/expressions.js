// Conditions of a template (Jinja2 expressions) as rows of drop-downs, and as Chinese sentences. What is more than
// comparisons joined by one word stays text, to be edited as such.
const TOKEN = /\s*(?:(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>\d+(?:\.\d+)?)|(?<word>[A-Za-z_][\w.]*)|(?<sign>==|!=|>=|<=|[><()[\],|]))/y;

export const OPERATORS = {
  filled: '有内容', empty: '没有内容', defined: '已有', undefined: '还没有', eq: '是', ne: '不是', in: '是其中之一', notIn: '不是其中任何一个',
  contains: '包含', lacks: '不包含', gt: '大于', ge: '不小于', lt: '小于', le: '不大于',
};
/** How the two comparisons of a value that is true or false are called. */
export const YES_NO = { filled: '为“是”', empty: '为“否”' };
const SIGNS = { '==': 'eq', '!=': 'ne', '>': 'gt', '>=': 'ge', '<': 'lt', '<=': 'le' };
const WRITTEN = Object.fromEntries(Object.entries(SIGNS).map(([sign, op]) => [op, sign]));
export const takesValue = (op) => !['filled', 'empty', 'defined', 'undefined'].includes(op);
export const takesList = (op) => op === 'in' || op === 'notIn';

function tokens(source) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim()) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new SyntaxError(source.slice(from));
    const { text, number, word, sign } = match.groups;
    if (text !== undefined) found.push({ value: text.slice(1, -1).replace(/\\(.)/g, '$1') });
    else if (number !== undefined) found.push({ value: Number(number) });
    else if (['true', 'false', 'True', 'False'].includes(word)) found.push({ value: word.toLowerCase() === 'true' });
    else if (['and', 'or', 'not', 'in', 'is', 'defined'].includes(word)) found.push({ mark: word });
    else if (word !== undefined) found.push({ path: word });
    else found.push({ mark: sign });
  }
  return found;
}

class Reader {
  constructor(source) { this.rest = tokens(source); }

  at(mark) { return this.rest[0]?.mark === mark; }
  take(mark) { return this.at(mark) ? Boolean(this.rest.shift()) : false; }
  need(mark) { if (!this.take(mark)) throw new SyntaxError(mark); }

  all() {
    const tree = this.either();
    if (this.rest.length) throw new SyntaxError('rest');
    return tree;
  }

  either() { return this.joined('or', () => this.joined('and', () => this.one())); }

  joined(mode, part) {
    const parts = [part()];
    while (this.take(mode)) parts.push(part());
    return parts.length === 1 ? parts[0] : { mode, parts };
  }

  one() {
    if (this.take('not')) {
      const inner = this.one();
      const turned = { filled: 'empty', empty: 'filled', eq: 'ne', contains: 'lacks', in: 'notIn', defined: 'undefined' }[inner.op];
      if (!turned) throw new SyntaxError('not');
      return { ...inner, op: turned };
    }
    if (this.take('(')) {
      const inner = this.either();
      this.need(')');
      return inner;
    }
    if ('value' in (this.rest[0] ?? {})) return this.contained();
    const { path } = this.rest.shift() ?? {};
    if (!path) throw new SyntaxError('path');
    let suffix = '';
    if (this.take('|')) suffix = this.filter();
    if (this.take('is')) {
      const op = this.take('not') ? 'undefined' : 'defined';
      this.need('defined');
      return { path, suffix, op };
    }
    const denied = this.at('not') && this.rest[1]?.mark === 'in' && this.take('not');
    if (this.take('in')) return { path, suffix, op: denied ? 'notIn' : 'in', value: this.list() };
    const sign = Object.keys(SIGNS).find((each) => this.take(each));
    if (!sign) return { path, suffix, op: 'filled' };
    const right = this.rest.shift() ?? {};
    if (!('value' in right)) throw new SyntaxError('value');
    return { path, suffix, op: SIGNS[sign], value: right.value };
  }

  contained() {
    const { value } = this.rest.shift();
    const denied = this.take('not');
    this.need('in');
    const { path } = this.rest.shift() ?? {};
    if (!path) throw new SyntaxError('path');
    return { path, suffix: this.take('|') ? this.filter() : '', op: denied ? 'lacks' : 'contains', value };
  }

  filter() {
    const { path } = this.rest.shift() ?? {};
    if (path !== 'default') throw new SyntaxError('filter');
    this.need('(');
    const { value } = this.rest.shift() ?? {};
    this.need(')');
    return `|default(${constant(value)})`;
  }

  list() {
    this.need('[');
    const values = [];
    while (!this.take(']')) {
      const next = this.rest.shift() ?? {};
      if (!('value' in next)) throw new SyntaxError('list');
      values.push(next.value);
      this.take(',');
    }
    return values;
  }
}

function constant(value) {
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : String(value);
}

/** The tree of an expression; null where it is none of ours. */
export function parse(source) {
  try {
    return new Reader(source).all();
  } catch {
    return null;
  }
}

/** An expression as { mode, rows }; null where it is more than that. No expression has no rows. */
export function rowsOf(source) {
  if (!source?.trim()) return { mode: 'and', rows: [] };
  const tree = parse(source);
  if (!tree) return null;
  if (!tree.parts) return { mode: 'and', rows: [tree] };
  return tree.parts.some((part) => part.parts) ? null : { mode: tree.mode, rows: tree.parts };
}

function row({ path, suffix = '', op, value }) {
  const left = `${path}${suffix}`;
  if (op === 'filled') return left;
  if (op === 'empty') return `not ${left}`;
  if (op === 'defined') return `${left} is defined`;
  if (op === 'undefined') return `${left} is not defined`;
  if (op === 'contains') return `${constant(value)} in ${left}`;
  if (op === 'lacks') return `${constant(value)} not in ${left}`;
  if (takesList(op)) return `${left} ${op === 'in' ? 'in' : 'not in'} [${(value ?? []).map(constant).join(', ')}]`;
  return `${left} ${WRITTEN[op]} ${constant(value)}`;
}

export const expressionOf = ({ mode, rows }) => rows.map(row).join(` ${mode} `);

/** A tree in words. `nameOf(path)` gives { label, options } or null. */
export function sentence(tree, nameOf, inner = false) {
  if (tree.parts) {
    const joined = tree.parts.map((part) => sentence(part, nameOf, true)).join(tree.mode === 'or' ? '，或者' : '，并且');
    return inner ? `（${joined}）` : joined;
  }
  const named = nameOf(tree.path);
  const name = `“${named?.label ?? tree.path}”`;
  const said = (value) => (typeof value === 'number' ? ` ${value} ` : `“${named?.options?.[value] ?? { true: '是', false: '否' }[value] ?? value}”`);
  if (named?.type === 'boolean' && tree.op in YES_NO) return `${name}${YES_NO[tree.op]}`;
  if (!takesValue(tree.op)) return `${name}${OPERATORS[tree.op]}`;
  if (takesList(tree.op)) return `${name}${tree.op === 'in' ? '是' : '不是'}${tree.value.map(said).join('、')}${tree.op === 'in' ? '之一' : '中的任何一个'}`;
  return `${name}${OPERATORS[tree.op]}${said(tree.value)}`.trimEnd();
}

/** An expression in words; itself where it has none. */
export function inWords(source, nameOf) {
  const tree = parse(source);
  return tree ? sentence(tree, nameOf) : source;
}
