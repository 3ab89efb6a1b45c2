// The whole product by keyboard. Single letters act only while nobody is typing.
import { openHelp } from './help.js';

const PATIENCE = 1200; // milliseconds within which the second key of "g i" must follow

/** Whether a key belongs to the thing that has the focus and not to us. */
export function isTyping(element) {
  return Boolean(element?.closest?.('input, textarea, select, [contenteditable="true"], .djs-container'));
}

/** The row to go to from `current` (or from none) by `step` in a list of `length` rows. */
export function nextIndex(current, step, length) {
  if (length === 0) return -1;
  if (current < 0) return step > 0 ? 0 : length - 1;
  return Math.min(Math.max(current + step, 0), length - 1);
}

function rows(document) {
  return [...document.querySelectorAll('[data-rows] [data-row]')].filter((row) => row.offsetParent !== null);
}

function move(document, step) {
  const all = rows(document);
  const current = all.findIndex((row) => row.contains(document.activeElement));
  const index = nextIndex(current, step, all.length);
  if (index < 0) return false;
  const row = all[index];
  (row.querySelector('a[href], button') ?? row).focus();
  row.scrollIntoView({ block: 'nearest' });
  return true;
}

const PLACES = { i: 'inbox', c: 'cases', n: 'open' };

/** j/k through lists (Enter follows the focused link), / to the search field, g then a letter to a place, ? for help. */
export function installKeyboard(document) {
  let waitingSince = 0;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const leading = event.timeStamp - waitingSince < PATIENCE;
    waitingSince = 0;
    if (leading && PLACES[event.key]) {
      const link = document.querySelector(`[data-place="${PLACES[event.key]}"]`);
      if (link) {
        event.preventDefault();
        link.click();
      }
      return;
    }
    const act = {
      j: () => move(document, 1),
      k: () => move(document, -1),
      '/': () => focusSearch(document),
      '?': () => openHelp(document),
      g: () => {
        waitingSince = event.timeStamp;
        return true;
      },
    }[event.key];
    if (act?.()) event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest?.('[data-open-help]')) openHelp(document);
  });
}

function focusSearch(document) {
  const field = document.querySelector('[data-search]');
  field?.focus();
  field?.select?.();
  return Boolean(field);
}
