// A template text as its pieces: words, values to be filled in, and the marks of conditions and repetitions.
const PIECE = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
const TAG = /^(\{%[-+]?)\s*(\w+)\s*([\s\S]*?)\s*([-+]?%\})$/;
const VALUE = /^(\{\{[-+]?)\s*([\s\S]*?)\s*([-+]?\}\})$/;

/** Pieces in order: { kind: 'words' | 'value' | 'tag', raw, expression, name }. Joined again they are the text. */
export function split(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    if (match.index > from) found.push({ kind: 'words', raw: text.slice(from, match.index) });
    found.push(piece(match[0]));
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ kind: 'words', raw: text.slice(from) });
  return found;
}

export function piece(raw) {
  const value = VALUE.exec(raw);
  if (value) return { kind: 'value', raw, expression: value[2], ends: [value[1], value[3]] };
  const tag = TAG.exec(raw);
  return tag ? { kind: 'tag', raw, name: tag[2], expression: tag[3], ends: [tag[1], tag[4]] } : { kind: 'words', raw };
}

/** The piece with another expression; what it does with the blanks beside it stays. */
export function rewritten({ ends: [begin, end], name }, expression) {
  return `${begin} ${name ? `${name} ` : ''}${expression} ${end}`;
}

/** A value's expression as its path and what is done with it: `a.b|default('')|cn_date`. Null where it is something else. */
export function valueParts(expression) {
  const found = /^([A-Za-z_][\w.]*)((?:\|[\s\S]+)?)$/.exec(expression.trim());
  return found ? { path: found[1], filters: found[2] } : null;
}

export const FORMATS = [
  ['', '原样'], ['|cn_date', '日期（2026年3月16日）'], ['|cn_datetime', '日期和时间'], ['|money', '金额（50,000.00）'], ['|rmb_upper', '金额大写'],
  ['|cn_num', '中文数字'], ['|law_ref', '法律条款'], ['|sentence', '一句话（以句号结尾）'], ['|stance', '处理意见'], ["|join('、')", '用顿号连接'], ["|default('')", '没有时留空'],
];

/** How a value of a type is written in a document. */
export function formatOf(value) {
  const byType = { date: '|cn_date', moment: '|cn_datetime', money: '|money', law: '|law_ref', opinion: '|stance', choices: "|join('、')" };
  if (value?.type === 'list') return value.fields?.law && value.fields?.article ? '|law_ref' : '';
  return byType[value?.type] ?? '';
}

export const isPrintable = (value) => value?.type !== 'list' || formatOf(value) !== '';
