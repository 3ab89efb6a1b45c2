// The form as an officer will see it, rendered by the server from what is on the page now. What was typed into it stays.
import { h } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button, Select } from './controls.js';

/** Nodes of markup that our own server rendered; nothing in it runs. */
function rendered(markup) {
  const page = new DOMParser().parseFromString(markup, 'text/html');
  return [...page.body.childNodes].map((node) => document.importNode(node, true));
}

/** What stands in the preview: control name → values; file controls have none. */
export function answersIn(form) {
  const answers = {};
  for (const [name, value] of new FormData(form)) {
    if (!name.startsWith('_') && typeof value === 'string') (answers[name] ??= []).push(value);
  }
  return answers;
}

export function Preview({ html, said, stale, steps, place, picked, onPlace, onAct, onTyped, onPick }) {
  const form = useRef(null);
  useEffect(() => {
    if (html === null) return;
    form.current.replaceChildren(...rendered(html));
    document.dispatchEvent(new CustomEvent('htmx:after:swap')); // forms.js takes the new body over
  }, [html]);
  useEffect(() => { // what is being designed is in sight, unless somebody is filling the preview in
    for (const box of form.current.querySelectorAll('.picked')) box.classList.remove('picked');
    const box = picked ? form.current.querySelector(`[data-item="${CSS.escape(picked)}"]`) : null;
    box?.classList.add('picked');
    if (box && !form.current.contains(document.activeElement)) box.scrollIntoView({ block: 'nearest' });
  }, [html, picked]);
  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const pick = (event) => {
    const box = event.target.closest('[data-item]');
    if (box) onPick(box.dataset.item);
  };
  const options = [['', '不限环节'], ...steps.map(({ node, name }) => [node, name])];
  return h('section', { class: 'dz-preview', 'aria-labelledby': 'dz-preview-title' },
    h('div', { class: 'dz-bar' }, h('h2', { id: 'dz-preview-title' }, '预览'),
      h('div', { class: 'row' },
        steps.length > 0 && h(Select, { bare: true, label: '以哪个环节预览', value: place, options, onInput: onPlace }),
        h(Button, { onClick: () => onTyped(null) }, '重新填写'),
        h(Button, { onClick: () => onAct(answersIn(form.current)) }, '检查填写'))),
    h('p', { class: 'dz-preview-said', role: 'status', 'aria-live': 'polite' }, stale ? '定义有错误，显示的是改错之前的样子。' : said),
    h('form', {
      ref: form, class: `card${stale ? ' stale' : ''}`, 'data-form': '', noValidate: true, 'aria-label': '表单预览',
      onSubmitCapture: stop, onInput: () => onTyped(answersIn(form.current)), onChange: () => onTyped(answersIn(form.current)), onFocusIn: pick,
    }));
}
