// A list to choose from, with a search field: one dialog for legal steps, positions and forms.
import { build } from '../elements.js';

let serial = 0;

function matches(option, words) {
  const text = `${option.label} ${option.code ?? ''} ${option.detail ?? ''} ${option.group ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * @param {{ title: string, label: string, groups: { label: string, options: { value, label, code?, detail? }[] }[], empty?: string,
 *   note?: string }} options
 * @returns {Promise<{ value, event: Event } | null>} what was chosen and by which event; null when the dialog was closed
 */
export function pick({ title, label, groups, note = '', empty = '没有符合的内容，请换一个词。' }) {
  serial += 1;
  const id = `pick-${serial}`;
  return new Promise((resolve) => {
    let chosen = null;
    let shown = [];
    let at = -1;
    const status = build('p', { class: 'visually-hidden', role: 'status' });
    const list = build('div', { class: 'pick-list', role: 'listbox', id: `${id}-list`, 'aria-label': label, tabindex: '-1' });
    const input = build('input', {
      type: 'search', id: `${id}-search`, autocomplete: 'off', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': `${id}-list`, 'aria-autocomplete': 'list', 'aria-label': label, placeholder: label,
    });
    const close = build('button', { type: 'button', class: 'button small', onclick: () => dialog.close() }, '取消');
    const dialog = build('dialog', { class: 'dialog pick', 'aria-labelledby': `${id}-title` },
      build('header', {}, build('h2', { id: `${id}-title` }, title), close), note && build('p', { class: 'hint' }, note), input, list, status);
    const choose = (option, event) => {
      chosen = { value: option.value, event };
      dialog.close();
    };
    const mark = (index) => {
      at = index;
      shown.forEach(({ row }, place) => row.setAttribute('aria-selected', String(place === at)));
      if (shown[at]) {
        input.setAttribute('aria-activedescendant', shown[at].row.id);
        shown[at].row.scrollIntoView({ block: 'nearest' });
      } else input.removeAttribute('aria-activedescendant');
    };
    const draw = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      shown = [];
      const parts = groups.flatMap((group) => {
        const options = group.options.filter((option) => matches({ ...option, group: group.label }, words));
        if (!options.length) return [];
        const rows = options.map((option) => {
          const row = build('div', { role: 'option', id: `${id}-${shown.length}`, class: 'pick-row', 'aria-selected': 'false', onclick: (event) => choose(option, event) },
            build('span', { class: 'pick-name' }, option.label, option.code && build('code', {}, option.code)), option.detail && build('span', { class: 'pick-detail' }, option.detail));
          shown.push({ option, row });
          return row;
        });
        const head = `${id}-group-${shown.length}`;
        return [build('div', { role: 'group', 'aria-labelledby': head }, build('div', { class: 'pick-group', id: head }, group.label), ...rows)];
      });
      list.replaceChildren(...(parts.length ? parts : [build('p', { class: 'empty' }, empty)]));
      status.textContent = `${shown.length} 项`;
      mark(shown.length ? 0 : -1);
    };
    input.addEventListener('input', draw);
    dialog.addEventListener('keydown', (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (step && shown.length) {
        event.preventDefault();
        mark(Math.min(Math.max(at + step, 0), shown.length - 1));
      } else if (event.key === 'Enter' && event.target === input) {
        event.preventDefault();
        if (shown[at]) choose(shown[at].option, event);
      }
      event.stopPropagation();
    });
    const before = document.activeElement;
    dialog.addEventListener('close', () => {
      dialog.remove();
      before?.focus?.();
      resolve(chosen);
    });
    document.body.append(dialog);
    draw();
    dialog.showModal();
    input.focus();
  });
}
