// The words of a condition: the small part of Python that app/engine/expressions.py lets through.

/** A condition that cannot be read. `message` is Chinese and says what to do; `at` is the character it is about. */
export class BadCondition extends Error {
  constructor(message, at = 0) {
    super(message);
    this.name = 'BadCondition';
    this.at = at;
  }
}

const SPACE = /[ \t\f]+/y;
const BREAK = /(?:\r\n|\r|\n)/y;
const CONTINUED = /\\(?:\r\n|\r|\n)/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const NUMBER = /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][+-]?\d(?:_?\d)*|[1-9](?:_?\d)*|0(?:_?0)*)/y;
const SIGN = /==|!=|<=|>=|[<>()[\],+*-]/y;
const ESCAPES = { '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function at(pattern, text, position) {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? '';
}

function escaped(text, position) {
  const mark = text[position];
  if (mark in ESCAPES) return { value: ESCAPES[mark], length: 1 };
  if (mark === '\n') return { value: '', length: 1 };
  const octal = at(/[0-7]{1,3}/y, text, position);
  if (octal) return { value: String.fromCodePoint(parseInt(octal, 8)), length: octal.length };
  const size = { x: 2, u: 4, U: 8 }[mark];
  if (size) {
    const digits = at(/[0-9a-fA-F]+/y, text, position + 1).slice(0, size);
    const code = parseInt(digits, 16);
    const lone = code >= 0xd800 && code <= 0xdfff; // half a character: Python and JavaScript would differ
    if (digits.length === size && code <= 0x10ffff && !lone) return { value: String.fromCodePoint(code), length: size + 1 };
    throw new BadCondition('文字中的转义写法有误，请直接写出这个字。', position);
  }
  if (mark === 'N') throw new BadCondition('文字中不能使用 \\N 转义，请直接写出这个字。', position);
  return { value: `\\${mark}`, length: mark.length };
}

function quoted(text, start) {
  const quote = text[start];
  if (text.startsWith(quote.repeat(3), start)) throw new BadCondition('文字只能用一对引号括起来。', start);
  let value = '';
  let position = start + 1;
  while (position < text.length && text[position] !== quote) {
    if (text[position] === '\n' || text[position] === '\r') break;
    if (text[position] === '\\' && position + 1 < text.length) {
      const found = escaped(text, position + 1);
      value += found.value;
      position += 1 + found.length;
    } else {
      value += text[position];
      position += 1;
    }
  }
  if (text[position] !== quote) throw new BadCondition('文字缺少结尾的引号。', start);
  return { value, length: position + 1 - start };
}

/** The value of a number as Python writes it: an integer as BigInt, another as a number. */
function numeric(source) {
  const plain = source.replaceAll('_', '');
  return /^0[xXoObB]/.test(plain) || /^\d+$/.test(plain) ? BigInt(plain) : Number(plain);
}

/** Characters that Chinese input methods put where the language wants another. */
const WIDE = { '＝': '==', '“': '"', '”': '"', '‘': "'", '’': "'", '（': '(', '）': ')', '，': ',', '＞': '>', '＜': '<', '≥': '>=', '≤': '<=', '≠': '!=' };

function refuse(text, position) {
  const mark = String.fromCodePoint(text.codePointAt(position));
  if (mark in WIDE) return new BadCondition(`“${mark}”请改为半角的 ${WIDE[mark]}。`, position);
  if (mark === '=') return new BadCondition('比较是否相等请写两个等号（==）。', position);
  if (mark === '.') return new BadCondition('不能用点号取值，只能写已声明的属性。', position);
  return new BadCondition(`“${mark}”不能用在条件里。`, position);
}

/** @returns {{ kind: 'name' | 'number' | 'text' | 'sign' | 'end', source: string, value?: any, at: number }[]} */
export function tokens(text) {
  if (text.includes('\0')) throw new BadCondition('条件中有不可见的字符，请重新输入。', text.indexOf('\0'));
  const found = [];
  let position = 0;
  let depth = 0;
  while (position < text.length) {
    const space = at(SPACE, text, position) || at(CONTINUED, text, position);
    if (space) {
      position += space.length;
      continue;
    }
    const line = at(BREAK, text, position);
    if (line) {
      if (!depth) throw new BadCondition('条件请写在一行里。', position);
      position += line.length;
      continue;
    }
    const start = position;
    const mark = text[position];
    if (mark === "'" || mark === '"') {
      const { value, length } = quoted(text, position);
      position += length;
      found.push({ kind: 'text', source: text.slice(start, position), value, at: start });
      continue;
    }
    const number = at(NUMBER, text, position);
    if (number) {
      position += number.length;
      if (at(/[\p{ID_Continue}.]/uy, text, position)) throw new BadCondition(`数字“${number}”之后的写法有误。`, position);
      found.push({ kind: 'number', source: number, value: numeric(number), at: start });
      continue;
    }
    const name = at(NAME, text, position);
    if (name) {
      position += name.length;
      if (text[position] === "'" || text[position] === '"') throw new BadCondition(`文字前不能加“${name}”。`, start);
      found.push({ kind: 'name', source: name.normalize('NFKC'), at: start });
      continue;
    }
    const sign = at(SIGN, text, position);
    if (!sign) throw refuse(text, position);
    depth += { '(': 1, '[': 1, ')': -1, ']': -1 }[sign] ?? 0;
    position += sign.length;
    found.push({ kind: 'sign', source: sign, at: start });
  }
  found.push({ kind: 'end', source: '', at: text.length });
  return found;
}
