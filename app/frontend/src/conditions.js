// Condition trees: the twin of app/forms/conditions.py. Both run tests/forms/vectors.json.
// Change one only together with the other and with the vectors.

const DECIMAL = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** A finite number without exponent: 1e-7 → "0.0000001", 1e21 → "1000000000000000000000". */
function plain(number) {
  if (!Number.isFinite(number)) return '';
  if (Number.isInteger(number)) return BigInt(number).toString();
  const text = String(number);
  const [ digits, exponent ] = text.split('e');
  if (exponent === undefined) return text;
  const sign = digits.startsWith('-') ? '-' : '';
  const [ whole, fraction = '' ] = digits.replace('-', '').split('.');
  return `${sign}0.${'0'.repeat(-Number(exponent) - whole.length)}${whole}${fraction}`;
}

function text(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return plain(value);
  return '';
}

function decimal(value) {
  if (value === null || value === undefined || typeof value === 'boolean') return null;
  const source = text(value).trim();
  if (!DECIMAL.test(source)) return null;
  const [ whole, fraction = '' ] = source.replace('-', '').split('.');
  return { sign: source.startsWith('-') ? '-' : '', whole, fraction };
}

function compareDecimals(a, b) {
  const places = Math.max(a.fraction.length, b.fraction.length);
  const x = BigInt(a.sign + a.whole + a.fraction.padEnd(places, '0'));
  const y = BigInt(b.sign + b.whole + b.fraction.padEnd(places, '0'));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** By code point, as Python does; JavaScript's `<` goes by UTF-16 unit. */
function compareTexts(s, t) {
  const a = [ ...s ], b = [ ...t ];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a[i].codePointAt(0) - b[i].codePointAt(0);
    if (difference) return difference < 0 ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

const isEmpty = (value) => value === null || value === undefined || value === '' || value === false ||
  (Array.isArray(value) && value.length === 0);

function equal(left, right) {
  const a = decimal(left), b = decimal(right);
  return a && b ? compareDecimals(a, b) === 0 : text(left) === text(right);
}

function compare(left, right) {
  if (isEmpty(left) || isEmpty(right) || Array.isArray(left) || Array.isArray(right)) return null;
  const a = decimal(left), b = decimal(right);
  return a && b ? compareDecimals(a, b) : compareTexts(text(left), text(right));
}

const among = (value, options) => Array.isArray(options) && !Array.isArray(value) &&
  options.some((option) => equal(value, option));

const OPERATORS = {
  empty: (v) => isEmpty(v),
  notEmpty: (v) => !isEmpty(v),
  eq: (v, x) => !Array.isArray(v) && equal(v, x),
  ne: (v, x) => Array.isArray(v) || !equal(v, x),
  in: among,
  notIn: (v, x) => !among(v, x),
  contains: (v, x) => (Array.isArray(v) ? v.some((each) => equal(each, x)) : text(x) !== '' && text(v).includes(text(x))),
  gt: (v, x) => compare(v, x) === 1,
  gte: (v, x) => [ 0, 1 ].includes(compare(v, x)),
  lt: (v, x) => compare(v, x) === -1,
  lte: (v, x) => [ -1, 0 ].includes(compare(v, x))
};

const has = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

function valueOf(leaf, params) {
  const value = leaf.value;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  if (!has(params, value.param)) throw new Error(`条件引用了没有给出的参数：${value.param}`);
  return params[value.param];
}

/** Whether the condition holds for `data`; no condition always holds. */
export function evaluate(tree, data, params = {}) {
  if (!tree || Object.keys(tree).length === 0) return true;
  if (has(tree, 'all')) return tree.all.every((part) => evaluate(part, data, params));
  if (has(tree, 'any')) return tree.any.some((part) => evaluate(part, data, params));
  if (has(tree, 'not')) return !evaluate(tree.not, data, params);
  if (!has(OPERATORS, tree.op) || !has(tree, 'field')) throw new Error(`未知的条件：${JSON.stringify(tree)}`);
  return OPERATORS[tree.op](has(data, tree.field) ? data[tree.field] : null, valueOf(tree, params));
}
