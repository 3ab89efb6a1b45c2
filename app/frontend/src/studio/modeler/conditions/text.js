// Tree -> text, with no more brackets than Python needs to read the same tree again.
const STRENGTH = { or: 1, and: 2, not: 3, compare: 4, sum: 5, product: 6, minus: 7, atom: 8 };

function strength(tree) {
  if (tree.kind === 'calculation') return tree.sign === '*' ? STRENGTH.product : STRENGTH.sum;
  return STRENGTH[tree.kind] ?? STRENGTH.atom;
}

const ESCAPES = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(value) {
  const body = value.replace(/[\\"\u0000-\u001f\u007f-\u009f\u2028\u2029]/gu, (mark) => ESCAPES[mark]
    ?? `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${body}"`;
}

function within(tree, least) {
  const text = write(tree);
  return strength(tree) < least ? `(${text})` : text;
}

function list({ parts, brackets }) {
  const inner = parts.map((part) => within(part, STRENGTH.or)).join(', ');
  if (brackets === '[]') return `[${inner}]`;
  return parts.length === 1 ? `(${inner},)` : `(${inner})`;
}

/** The text of a tree. */
export function write(tree) {
  switch (tree.kind) {
    case 'or': return tree.parts.map((part) => within(part, STRENGTH.and)).join(' or ');
    case 'and': return tree.parts.map((part) => within(part, STRENGTH.not)).join(' and ');
    case 'not': return `not ${within(tree.part, STRENGTH.not)}`;
    case 'compare': return [within(tree.first, STRENGTH.sum), ...tree.rest.map((each) => `${each.sign} ${within(each.value, STRENGTH.sum)}`)].join(' ');
    case 'calculation': {
      const own = strength(tree);
      return `${within(tree.left, own)} ${tree.sign} ${within(tree.right, own + 1)}`;
    }
    case 'minus': return `-${within(tree.part, STRENGTH.minus)}`;
    case 'name': return tree.name;
    case 'truth': return tree.value ? 'True' : 'False';
    case 'nothing': return 'None';
    case 'number': return tree.source;
    case 'text': return quoted(tree.value);
    case 'list': return list(tree);
    default: throw new TypeError(`no condition: ${tree.kind}`);
  }
}
