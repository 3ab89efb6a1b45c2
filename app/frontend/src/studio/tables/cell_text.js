// The texts of cells: what people type made into what a table says.

const SIGNS = [
  [/≥|＞＝|>＝|＞=/g, '>='], [/≤|＜＝|<＝|＜=/g, '<='], [/＞/g, '>'], [/＜/g, '<'], [/，|、/g, ','], [/（/g, '('], [/）/g, ')'],
  [/【|［/g, '['], [/】|］/g, ']'], [/[“”＂]/g, '"'], [/…|。。|．．/g, '..'], [/－|—/g, '-'],
];
const DIGITS = /[０-９．]/g;

/** A condition as typed (Chinese punctuation, thousands) as DMN has it. */
export function tidyCondition(text) {
  let found = text.trim();
  for (const [sign, plain] of SIGNS) found = found.replace(sign, plain);
  found = found.replace(DIGITS, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));
  // 50,000 is one number; 1, 2 are two
  found = found.replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g, (number) => number.replaceAll(',', ''));
  found = found.replace(/(\d+(?:\.\d+)?)\s*万/g, (_, number) => String(Math.round(Number(number) * 10000))).replace(/元/g, '');
  found = found.replace(/(>=|<=|>|<)\s*/g, '$1 ').replace(/,\s*/g, ', ');
  return ['不限', '任意', '全部', '无'].includes(found) ? '-' : found;
}

/** A choice as a set of values: `{ values, negated }`; null where it is neither `-` nor a list of texts. */
export function readChoice(text) {
  const source = text.trim();
  if (source === '' || source === '-') return { values: [], negated: false };
  const inner = /^not\((.*)\)$/s.exec(source);
  const list = inner ? inner[1] : source;
  if (!/^\s*"[^"\\]*"(?:\s*,\s*"[^"\\]*")*\s*$/.test(list)) return null;
  return { values: [...list.matchAll(/"([^"\\]*)"/g)].map((found) => found[1]), negated: Boolean(inner) };
}

export function writeChoice({ values, negated }) {
  if (!values.length) return '-';
  const list = values.map((value) => `"${value}"`).join(', ');
  return negated ? `not(${list})` : list;
}

/** The text of an output that is a text: shown without its quotes. */
export const readText = (text) => /^"([^"\\]*)"$/.exec(text.trim())?.[1] ?? text.trim();
export const writeText = (text) => (text.trim() ? `"${text.trim().replace(/["\\]/g, '')}"` : '');
