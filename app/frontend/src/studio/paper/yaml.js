// Plain values as YAML text that reads the same in YAML 1.1 and 1.2: what an analyst edits is kept as a file people can read.
const PLAIN = /^[A-Za-z_\u4e00-\u9fff《（][A-Za-z0-9_\u4e00-\u9fff《》（）〔〕、，。；：·\/-]*$/;
const WORDS = /^(?:y|n|yes|no|true|false|on|off|null|nan|inf)$/i;

const isScalar = (value) => value === null || typeof value !== 'object';
const isEmpty = (value) => (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0);

function scalar(value) {
  if (typeof value !== 'string') return value === null || value === undefined ? 'null' : String(value);
  // the escapes of JSON are among those of a double-quoted YAML scalar; U+2028 and U+2029 would end a line
  return PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value).replace(/[\u0085\u2028\u2029\ufeff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const short = (list) => Array.isArray(list) && list.every(isScalar) && list.map(scalar).join(', ').length < 90 && !list.some((each) => typeof each === 'string' && each.includes('\n'));

function lines(value, indent) {
  if (Array.isArray(value)) {
    return value.flatMap((each) => {
      if (isScalar(each)) return [`${indent}- ${scalar(each)}`];
      if (isEmpty(each)) return [`${indent}- ${Array.isArray(each) ? '[]' : '{}'}`];
      if (short(each)) return [`${indent}- [${each.map(scalar).join(', ')}]`];
      const inner = lines(each, `${indent}  `);
      return [`${indent}- ${inner[0].slice(indent.length + 2)}`, ...inner.slice(1)];
    });
  }
  return Object.entries(value).filter(([, each]) => each !== undefined).flatMap(([key, each]) => {
    const name = `${indent}${scalar(key)}:`;
    if (isScalar(each)) return [`${name} ${scalar(each)}`];
    if (isEmpty(each)) return [`${name} ${Array.isArray(each) ? '[]' : '{}'}`];
    if (short(each)) return [`${name} [${each.map(scalar).join(', ')}]`];
    return [name, ...lines(each, `${indent}  `)];
  });
}

/** A mapping as YAML. */
export const written = (value) => `${lines(value, '').join('\n')}\n`;
