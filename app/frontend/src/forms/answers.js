// What conditions see of a page: the twin of `facts` in app/forms/visibility.py.
import { plain } from '../money.js';

const ROW = /^([a-z][a-z0-9_]*)\.[0-9]+\./;
const TELLING = { party: 'name', opinion: 'stance', law: 'law' };

const filled = (control) => (control.type === 'checkbox' || control.type === 'radio'
  ? control.checked : control.value.trim() !== '');

function scalar(controls) {
  const [ first ] = controls;
  if (first.type === 'radio') return (controls.find((control) => control.checked) || { value: null }).value;
  const text = first.value.trim();
  if (text === '') return null;
  return first.hasAttribute('data-amount') ? plain(text) : text;
}

function rowsOf(box) {
  const rows = [];
  for (const row of box.querySelectorAll('tbody tr')) {
    if ([ ...row.querySelectorAll('[name]') ].some((control) => !control.name.endsWith('.remove') && filled(control))) rows.push('row');
  }
  return rows;
}

function filesOf(box) {
  const removed = box.querySelectorAll('[name$=".remove"]:checked').length;
  const stored = box.querySelectorAll('[name$=".stored"]').length;
  const chosen = [ ...box.querySelectorAll('input[type=file]') ].reduce((sum, input) => sum + input.files.length, 0);
  return Array(Math.max(0, stored - removed) + chosen).fill('file');
}

function grouped(box) {
  const groups = new Map();
  for (const control of box.querySelectorAll('[name]')) {
    if (!groups.has(control.name)) groups.set(control.name, []);
    groups.get(control.name).push(control);
  }
  return groups;
}

/** The facts of one item. */
export function factsOf(box) {
  const { item: key, type } = box.dataset;
  if (box.dataset.facts) return JSON.parse(box.dataset.facts); // to be read only: the server knows the answer
  if (type === 'list' || type === 'evidence') return { [key]: rowsOf(box) };
  if (type === 'file') return { [key]: filesOf(box) };
  const facts = {};
  for (const [ name, controls ] of grouped(box)) {
    if (ROW.test(name)) continue;
    facts[name] = controls[0].type === 'checkbox'
      ? controls.filter((control) => control.checked).map((control) => control.value)
      : scalar(controls);
  }
  const telling = Object.prototype.hasOwnProperty.call(TELLING, type) ? TELLING[type] : '';
  if (telling) facts[key] = facts[`${key}.${telling}`] ?? null;
  return facts;
}
