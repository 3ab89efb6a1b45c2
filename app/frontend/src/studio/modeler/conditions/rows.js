// What the drop-downs show: groups of rows. A tree that says more than they can stays text.
//
// A group is { join: 'and' | 'or', parts: [row | group] }; a row { name, sign, value } with `value` a constant, a list
// of constants or an attribute, as a tree (see grammar.js).

const OPPOSITE = { '==': '!=', '!=': '==', '<': '>=', '>=': '<', '>': '<=', '<=': '>', in: 'not in', 'not in': 'in' };
const MIRRORED = { '==': '==', '!=': '!=', '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
const EMPTY = { boolean: { kind: 'truth', value: false }, number: { kind: 'number', source: '0', value: 0n }, choice: { kind: 'text', value: '' } };

/** What a sign can compare in rows, by the type of the attribute. */
export const SIGNS_OF = {
  boolean: ['=='],
  number: ['>=', '>', '<=', '<', '==', '!='],
  choice: ['==', '!=', 'in', 'not in'],
};

class Unshown extends Error {}

function constant(tree) {
  if (tree.kind === 'minus') return tree.part.kind === 'number';
  return ['truth', 'number', 'text'].includes(tree.kind);
}

function kindOf(tree, attributes) {
  if (tree.kind === 'name') return attributes[tree.name]?.type;
  return { truth: 'boolean', number: 'number', minus: 'number', text: 'choice' }[tree.kind];
}

function row(left, sign, right, attributes) {
  if (left.kind !== 'name') {
    if (right.kind !== 'name' || !MIRRORED[sign]) throw new Unshown();
    return row(right, MIRRORED[sign], left, attributes);
  }
  const type = attributes[left.name]?.type;
  const listed = sign === 'in' || sign === 'not in';
  if (type === 'boolean' && sign === '!=' && right.kind === 'truth') return row(left, '==', { kind: 'truth', value: !right.value }, attributes);
  if (!SIGNS_OF[type]?.includes(sign)) throw new Unshown();
  const values = listed ? right.kind === 'list' && right.parts : [right];
  if (!values || !values.length || !values.every((each) => kindOf(each, attributes) === type)) throw new Unshown();
  if (listed ? !values.every(constant) : !constant(right) && right.kind !== 'name') throw new Unshown();
  return { name: left.name, sign, value: right };
}

function read(tree, attributes, denied) {
  switch (tree.kind) {
    case 'not': return read(tree.part, attributes, !denied);
    case 'and': case 'or': {
      const join = denied ? { and: 'or', or: 'and' }[tree.kind] : tree.kind;
      return { join, parts: tree.parts.map((part) => read(part, attributes, denied)) };
    }
    case 'compare': {
      let left = tree.first;
      const parts = tree.rest.map(({ sign, value }) => {
        const one = row(left, denied ? OPPOSITE[sign] : sign, value, attributes);
        left = value;
        return one;
      });
      return parts.length === 1 ? parts[0] : { join: denied ? 'or' : 'and', parts };
    }
    case 'name': {
      const type = attributes[tree.name]?.type;
      if (!EMPTY[type]) throw new Unshown();
      if (type === 'boolean') return row(tree, '==', { kind: 'truth', value: !denied }, attributes);
      return row(tree, denied ? '==' : '!=', EMPTY[type], attributes);
    }
    default: throw new Unshown();
  }
}

/** Groups within a group of the same kind are one. */
function flat(group) {
  if (group.name) return group;
  const parts = group.parts.map(flat).flatMap((part) => (part.join === group.join ? part.parts : [part]));
  return parts.length === 1 ? parts[0] : { join: group.join, parts };
}

/** The rows of a tree as a group, or null where drop-downs cannot show it. */
export function rowsOf(tree, attributes) {
  try {
    const found = flat(read(tree, attributes, false));
    return found.name ? { join: 'and', parts: [found] } : found;
  } catch (error) {
    if (error instanceof Unshown) return null;
    throw error;
  }
}

/** The tree of a group; null for one without rows. */
export function treeOf(group) {
  if (group.name) return { kind: 'compare', first: { kind: 'name', name: group.name }, rest: [{ sign: group.sign, value: group.value }] };
  const parts = group.parts.map(treeOf).filter(Boolean);
  if (parts.length < 2) return parts[0] ?? null;
  return { kind: group.join, parts };
}

/** A row about an attribute, with the first value it can have. */
export function freshRow(name, attributes) {
  const { type, options = [] } = attributes[name];
  const value = { boolean: { kind: 'truth', value: true }, number: EMPTY.number, choice: { kind: 'text', value: options[0]?.value ?? '' } }[type];
  return { name, sign: SIGNS_OF[type][0], value };
}
