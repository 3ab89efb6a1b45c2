// The places of answers in a paper, worded as the templates word them: the twin of app/documents/phrases.py (`worded`).
// Both run tests/documents/places.json.
import { plain, upper } from '../money.js';

const day = (text) => /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?/.exec(text);
const cents = (text) => {
  const [ , sign, whole, part = '' ] = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text) || [];
  return whole === undefined ? '' : `${sign}${whole.replace(/^0+(?=\d)/, '').replace(/\B(?=(\d{3})+$)/g, ',')}.${part.padEnd(2, '0')}`;
};
const date = (text) => {
  const [ , year, month, date_ ] = day(text) || [];
  return year ? `${Number(year)}年${Number(month)}月${Number(date_)}日` : '';
};

export const WORDINGS = {
  '': (text) => text,
  cn_date: date,
  cn_datetime: (text) => {
    const found = day(text);
    return found?.[4] ? `${date(text)}${Number(found[4])}时${found[5]}分` : date(text);
  },
  money: cents,
  rmb_upper: upper,
  sentence: (text) => {
    const said = text.trim().replace(/[，、；：。]+$/, '');
    return !said || /[！？…”]$/.test(said) ? said : `${said}。`;
  }
};

/** An answer as the paper words it. */
export const worded = (text, wording = '') => WORDINGS[wording](text);

/** What the form holds under a name: the chosen one of several, an amount without separators. */
export function answer(form, name) {
  const input = form.elements[name];
  if (!input) return '';
  const text = String(input.value ?? '').trim();
  return input.hasAttribute?.('data-amount') ? plain(text) : text;
}

/** Everything a form holds of the given answers, to tell whether they have changed. */
export function standing(form, keys) {
  const wanted = (name) => keys.some((key) => name === key || name.startsWith(`${key}.`));
  return JSON.stringify([ ...new FormData(form) ].filter(([ name, value ]) => typeof value === 'string' && wanted(name)));
}

/** Where each line is a paragraph of its own, what follows the place goes with the last one. */
function paragraphs(place, lines) {
  place.textContent = lines[0] ?? '';
  let last = place.parentElement;
  const rest = [];
  for (let node = place.nextSibling; node; node = node.nextSibling) rest.push(node);
  for (const line of lines.slice(1)) {
    const next = document.createElement('p');
    next.append(line);
    last.after(next);
    last = next;
  }
  if (last !== place.parentElement) last.append(...rest);
  place.parentElement.hidden = !place.parentElement.textContent; // a paragraph that says nothing is none
}

/** Fill the places of a paper; false where an answer is gone whose place says nothing without it. */
export function fill(sheet, form, blanks) {
  let good = true;
  for (const place of sheet.querySelectorAll('[data-answer]')) {
    const text = answer(form, place.dataset.answer);
    if (!text && !(place.dataset.answer in blanks)) good = false;
    const told = (text ? worded(text, place.dataset.format) : blanks[place.dataset.answer] ?? '').split('\n');
    if ('lines' in place.dataset) paragraphs(place, told.map((line) => line.replace(/^[ 　]+|[ 　]+$/g, '')).filter(Boolean));
    else place.replaceChildren(...told.flatMap((line, n) => n ? [ document.createElement('br'), line ] : [ line ]));
  }
  return good;
}
