// What is wrong with a condition that can be read: names nobody declared, comparisons that can never be meant.
import { BadCondition, names, parse } from './grammar.js';
import { labelOf } from './words.js';

const TYPES = { boolean: '是或者否', number: '数', choice: '选项' };
const KIND = { truth: 'boolean', number: 'number', minus: 'number', text: 'choice', calculation: 'number' };

function compared(name, tree, attributes) {
  const known = attributes[name];
  if (!known) return [];
  if (tree.kind === 'list') return tree.parts.flatMap((part) => compared(name, part, attributes));
  const type = tree.kind === 'name' ? attributes[tree.name]?.type : KIND[tree.kind];
  if (type && type !== known.type) return [`“${labelOf(name, attributes)}”的值是${TYPES[known.type]}，不能与${TYPES[type]}比较。`];
  if (tree.kind === 'text' && !known.options?.some((option) => option.value === tree.value)) {
    return [`“${labelOf(name, attributes)}”没有“${tree.value}”这个选项。`];
  }
  return [];
}

function mismatches(tree, attributes) {
  const found = [];
  const visit = (part) => {
    if (part.kind === 'compare') {
      let left = part.first;
      for (const { value } of part.rest) {
        if (left.kind === 'name') found.push(...compared(left.name, value, attributes));
        else if (value.kind === 'name') found.push(...compared(value.name, left, attributes));
        left = value;
      }
    }
    for (const inner of [part.part, ...(part.parts ?? [])]) if (inner) visit(inner);
  };
  visit(tree);
  return found;
}

/** The tree of a text and what is wrong with it, in Chinese: `{ tree: null, problems }` where it cannot be read. */
export function examine(text, attributes) {
  try {
    const tree = parse(text);
    const unknown = names(tree).filter((name) => !attributes[name]);
    const problems = unknown.map((name) => `“${name}”没有在规则中声明，请先在“规则”页声明，或者改用已声明的属性。`);
    return { tree, problems: [...problems, ...new Set(mismatches(tree, attributes))] };
  } catch (error) {
    if (!(error instanceof BadCondition)) throw error;
    return { tree: null, problems: [error.message], at: error.at };
  }
}
