// Conditions on flows and documents, text -> tree. Accepts what both app/engine/expressions.py and
// app/verify/guards.py accept, and nothing else; tests/studio/test_conditions.py holds the three together.
//
// A tree is one of
//   { kind: 'and' | 'or', parts }                     { kind: 'not', part }
//   { kind: 'compare', first, rest: [{ sign, value }] }   sign: == != < <= > >= in not in
//   { kind: 'name', name }                            { kind: 'truth', value }     { kind: 'nothing' }
//   { kind: 'number', source, value }                 { kind: 'text', value }
//   { kind: 'list', parts, brackets: '()' | '[]' }    { kind: 'minus', part }
//   { kind: 'calculation', sign: '+' | '-' | '*', left, right }
import { BadCondition, tokens } from './tokens.js';

export { BadCondition };

export const MAX_LENGTH = 500;
export const MAX_NODES = 120;
export const MAX_FACTOR = 1000;
export const MAX_DEPTH = 60;
const MAX_NUMBER = 1e15;
const COMPARING = new Set(['==', '!=', '<', '<=', '>', '>=']);
const KEYWORDS = new Set(
  'and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(' '),
);

class Reading {
  constructor(text) {
    this.tokens = tokens(text);
    this.next = 0;
    this.depth = 0;
  }

  get token() { return this.tokens[this.next]; }

  is(source) {
    return this.token.source === source && (this.token.kind === 'sign' || this.token.kind === 'name');
  }

  take(source) {
    if (!this.is(source)) return false;
    this.next += 1;
    return true;
  }

  refuse(message, token = this.token) { return new BadCondition(message, token.at); }

  unexpected() {
    const { kind, source } = this.token;
    if (kind === 'end') return this.refuse('条件没有写完。');
    if (source === '(' || source === '[') return this.refuse('不能调用函数，也不能用方括号取值。');
    if (KEYWORDS.has(source)) return this.refuse(`这里不能写“${source}”。`);
    return this.refuse(`“${source}”的位置不对，前面是否少了 and、or 或者比较符号？`);
  }

  whole() {
    const tree = this.list(null, (token) => token.kind === 'end');
    if (this.token.kind !== 'end') throw this.unexpected();
    return tree;
  }

  /** One truth, or several separated by commas (a list). */
  list(brackets, closes) {
    const parts = [];
    let commas = 0;
    while (!closes(this.token)) {
      parts.push(this.any());
      if (!this.take(',')) break;
      commas += 1;
    }
    if (!closes(this.token)) throw this.unexpected();
    if (brackets === '[]' || (brackets === '()' && !parts.length) || commas) {
      return { kind: 'list', parts, brackets: brackets ?? '()' };
    }
    if (!parts.length) throw this.unexpected();
    return parts[0];
  }

  any() {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw this.refuse('条件嵌套过深，请拆成几个网关。');
    const tree = this.chain('or', () => this.chain('and', () => this.negation()));
    this.depth -= 1;
    return tree;
  }

  chain(word, part) {
    const parts = [part()];
    while (this.take(word)) parts.push(part());
    return parts.length === 1 ? parts[0] : { kind: word, parts };
  }

  negation() {
    let nots = 0;
    while (this.take('not')) nots += 1;
    let tree = this.comparison();
    if (nots > MAX_DEPTH) throw this.refuse('条件嵌套过深，请拆成几个网关。');
    for (; nots; nots -= 1) tree = { kind: 'not', part: tree };
    return tree;
  }

  sign() {
    if (this.token.kind === 'sign' && COMPARING.has(this.token.source)) {
      const { source } = this.token;
      this.next += 1;
      return source;
    }
    if (this.take('in')) return 'in';
    if (this.is('not') && this.tokens[this.next + 1]?.source === 'in') {
      this.next += 2;
      return 'not in';
    }
    if (this.is('is')) throw this.refuse('请用 == 或者 != 比较，不能用 is。');
    return null;
  }

  comparison() {
    const first = this.sum();
    const rest = [];
    for (let sign = this.sign(); sign; sign = this.sign()) rest.push({ sign, value: this.sum() });
    return rest.length ? { kind: 'compare', first, rest } : first;
  }

  sum() {
    let left = this.product();
    while (this.is('+') || this.is('-')) {
      const { source: sign } = this.token;
      this.next += 1;
      left = { kind: 'calculation', sign, left, right: this.product() };
    }
    return left;
  }

  product() {
    let left = this.signed();
    while (this.take('*')) {
      if (this.is('*')) throw this.refuse('不能使用乘方。');
      left = { kind: 'calculation', sign: '*', left, right: this.signed() };
    }
    return left;
  }

  signed() {
    if (this.is('+')) throw this.refuse('数字前不能写加号。');
    let minus = 0;
    while (this.take('-')) minus += 1;
    let tree = this.atom();
    if (minus > MAX_DEPTH) throw this.refuse('条件嵌套过深，请拆成几个网关。');
    for (; minus; minus -= 1) tree = { kind: 'minus', part: tree };
    return tree;
  }

  atom() {
    const token = this.token;
    if (token.kind === 'number' || token.kind === 'text') {
      this.next += 1;
      if (token.kind === 'number') return { kind: 'number', source: token.source, value: token.value, at: token.at };
      let { value } = token;
      for (; this.token.kind === 'text'; this.next += 1) value += this.token.value;
      return { kind: 'text', value, at: token.at };
    }
    if (token.kind === 'name' && !KEYWORDS.has(token.source)) {
      this.next += 1;
      if (token.source === 'True' || token.source === 'False') return { kind: 'truth', value: token.source === 'True' };
      if (token.source === 'None') return { kind: 'nothing' };
      return { kind: 'name', name: token.source, at: token.at };
    }
    if (this.take('(')) return this.bracketed('()', ')');
    if (this.take('[')) return this.bracketed('[]', ']');
    throw this.unexpected();
  }

  bracketed(brackets, close) {
    const tree = this.list(brackets, (token) => token.kind === 'sign' && token.source === close);
    this.next += 1;
    if (this.is('(') || this.is('[')) throw this.unexpected();
    return tree;
  }
}

/** How many nodes Python's syntax tree has for a tree: the engine's limit is in those. */
function weight(tree) {
  switch (tree.kind) {
    case 'and': case 'or': return 2 + total(tree.parts);
    case 'not': case 'minus': return 2 + weight(tree.part);
    case 'compare': return 1 + weight(tree.first) + tree.rest.reduce((sum, each) => sum + 1 + weight(each.value), 0);
    case 'calculation': return 2 + weight(tree.left) + weight(tree.right);
    case 'list': return 2 + total(tree.parts);
    case 'name': return 2;
    default: return 1;
  }
}

const total = (parts) => parts.reduce((sum, part) => sum + weight(part), 0);

/** Where a truth is asked for. */
function checkTruth(tree) {
  if (tree.kind === 'and' || tree.kind === 'or') tree.parts.forEach(checkTruth);
  else if (tree.kind === 'not') checkTruth(tree.part);
  else if (tree.kind === 'compare') [tree.first, ...tree.rest.map((each) => each.value)].forEach(checkValue);
  else checkValue(tree);
}

/** Where a value is asked for. */
function checkValue(tree) {
  switch (tree.kind) {
    case 'and': case 'or': case 'not': case 'compare':
      throw new BadCondition('比较的两边只能是属性、常量或者算式，不能是另一个条件。');
    case 'name':
      if (tree.name.startsWith('_')) throw new BadCondition(`属性名不能以下划线开头：${tree.name}。`, tree.at);
      break;
    case 'number':
      if (!(Math.abs(Number(tree.value)) <= MAX_NUMBER)) throw new BadCondition('数值过大。', tree.at);
      break;
    case 'list': tree.parts.forEach(checkValue); break;
    case 'minus': checkValue(tree.part); break;
    case 'calculation': {
      const sides = [tree.left, tree.right];
      if (sides.some((side) => ['text', 'truth', 'nothing'].includes(side.kind))) throw new BadCondition('文字和是否不能参与运算。');
      if (tree.sign === '*') {
        const factors = sides.filter((side) => side.kind === 'number');
        const named = sides.some((side) => side.kind === 'name');
        if (factors.length !== 1 || !named || Number(factors[0].value) > MAX_FACTOR) {
          throw new BadCondition(`乘法只能是一个属性乘以不超过 ${MAX_FACTOR} 的数。`);
        }
      }
      sides.forEach(checkValue);
      break;
    }
    default:
  }
}

/**
 * The tree of a condition.
 *
 * @throws {BadCondition} the text is outside the permitted subset
 */
export function parse(text) {
  const source = text.trim();
  if (!source || [...source].length > MAX_LENGTH) throw new BadCondition(`条件应为 1 至 ${MAX_LENGTH} 个字符。`);
  const tree = new Reading(source).whole();
  if (1 + weight(tree) > MAX_NODES) throw new BadCondition('条件过于复杂，请拆成几个网关。');
  checkTruth(tree);
  return tree;
}

/** The attributes a tree reads, each once. */
export function names(tree) {
  const found = new Set();
  const visit = (part) => {
    if (part.kind === 'name') found.add(part.name);
    for (const inner of [part.part, part.first, part.left, part.right, ...(part.parts ?? []), ...(part.rest ?? []).map((each) => each.value)]) {
      if (inner) visit(inner);
    }
  };
  visit(tree);
  return [...found];
}
