// Tree -> Chinese, as officers read it: 罚款金额（元） 大于等于 10000 且 重大执法决定 为 是.
// `attributes` is the vocabulary's: name -> { label, type, options: [{ value, label }] }.

export const SIGNS = {
  '==': '为',
  '!=': '不为',
  '>': '大于',
  '>=': '大于等于',
  '<': '小于',
  '<=': '小于等于',
  in: '为其中之一',
  'not in': '不为其中任何一个',
};
const CALCULATED = { '+': '加', '-': '减', '*': '乘以' };

/** The label of an attribute; its name where it has none. */
export const labelOf = (name, attributes) => attributes[name]?.label || name;

function value(tree, attributes, about) {
  switch (tree.kind) {
    case 'name': return labelOf(tree.name, attributes);
    case 'truth': return tree.value ? '是' : '否';
    case 'nothing': return '空';
    case 'number': return tree.source;
    case 'minus': return `-${value(tree.part, attributes)}`;
    case 'text': return attributes[about]?.options?.find((option) => option.value === tree.value)?.label || `“${tree.value}”`;
    case 'list': return tree.parts.map((part) => value(part, attributes, about)).join('、') || '空的列表';
    case 'calculation': {
      const side = (part) => (part.kind === 'calculation' && tree.sign === '*' ? `（${value(part, attributes)}）` : value(part, attributes));
      return `${side(tree.left)} ${CALCULATED[tree.sign]} ${side(tree.right)}`;
    }
    default: return `（${sentence(tree, attributes)}）`;
  }
}

function pair(left, sign, right, attributes) {
  const about = [left, right].find((side) => side.kind === 'name')?.name;
  const [a, b] = [value(left, attributes, about), value(right, attributes, about)];
  if (sign === 'in' || sign === 'not in') {
    if (right.kind !== 'list') return `${b} ${sign === 'in' ? '含有' : '不含'} ${a}`;
    return `${a} ${sign === 'in' ? '为' : '不为'} ${b} ${sign === 'in' ? '之一' : '中的任何一个'}`;
  }
  return `${a} ${SIGNS[sign]} ${b}`;
}

/** A condition as a sentence. */
export function sentence(tree, attributes = {}) {
  if (tree.kind === 'and' || tree.kind === 'or') {
    const words = tree.parts.map((part) => {
      const text = sentence(part, attributes);
      return part.kind === 'and' || part.kind === 'or' ? `（${text}）` : text;
    });
    return words.join(tree.kind === 'and' ? ' 且 ' : ' 或者 ');
  }
  if (tree.kind === 'not') {
    return tree.part.kind === 'name' ? `${labelOf(tree.part.name, attributes)} 为 否` : `并非（${sentence(tree.part, attributes)}）`;
  }
  if (tree.kind === 'compare') {
    let left = tree.first;
    return tree.rest.map(({ sign, value: right }) => {
      const text = pair(left, sign, right, attributes);
      left = right;
      return text;
    }).join(' 且 ');
  }
  if (tree.kind === 'name') return `${labelOf(tree.name, attributes)} 为 是`;
  if (tree.kind === 'truth') return tree.value ? '任何情形' : '没有任何情形';
  return value(tree, attributes);
}
