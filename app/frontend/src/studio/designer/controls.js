// Labelled controls of the studio's editors: every control has a label, its hint and what is wrong with it.
import { h } from 'preact';
import { useId, useState } from 'preact/hooks';

export function Field({ label, hint, errors = [], children }) {
  const id = useId();
  const described = [hint && `${id}-hint`, errors.length && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return h('div', { class: `dz-field${errors.length ? ' wrong' : ''}` },
    h('label', { for: id }, label),
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    children({ id, 'aria-describedby': described, 'aria-invalid': errors.length ? 'true' : undefined }),
    errors.length > 0 && h('p', { class: 'field-error', id: `${id}-error` }, errors.join(' ')));
}

/** A line of text. `onInput` gets every change; an empty one is undefined where `optional`. */
export function TextLine({ label, value, onInput, onDone, optional = false, errors, hint, ...more }) {
  const given = (text) => (optional && text === '' ? undefined : text);
  return h(Field, { label, hint, errors }, (described) => h('input', {
    type: 'text', autocomplete: 'off', value: value ?? '', ...described, ...more,
    onInput: onInput && ((event) => onInput(given(event.target.value))),
    onChange: onDone && ((event) => onDone(given(event.target.value))),
  }));
}

export function TextBlock({ label, value, onInput, optional = false, errors, hint, rows = 3 }) {
  return h(Field, { label, hint, errors }, (described) => h('textarea', {
    rows, value: value ?? '', ...described,
    onInput: (event) => onInput(optional && event.target.value === '' ? undefined : event.target.value),
  }));
}

/** A number; what is no number stays as it was typed, for the server to name. */
export function NumberLine({ label, value, onInput, errors, hint, ...more }) {
  const given = (text) => (text.trim() === '' ? undefined : /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);
  return h(Field, { label, hint, errors }, (described) => h('input', {
    type: 'text', inputmode: 'decimal', autocomplete: 'off', value: value ?? '', ...described, ...more,
    onInput: (event) => onInput(given(event.target.value)),
  }));
}

/** A drop-down of [value, words], or of groups [words, [[value, words], …]]. A value that is not offered is shown all the same. */
export function Select({ label, value, options, onInput, errors, hint, bare = false, ...more }) {
  const flat = options.flatMap(([name, inner]) => (Array.isArray(inner) ? inner.map(([each]) => each) : [name]));
  const given = String(value ?? '');
  const strange = given !== '' && !flat.map(String).includes(given);
  const chosen = (described) => h('select', { ...described, ...more, value: given, onChange: (event) => onInput(event.target.value) },
    strange && h('option', { value: given }, `${given}（没有这一项）`),
    options.map(([name, inner]) => (Array.isArray(inner)
      ? h('optgroup', { label: name, key: name }, inner.map(([each, words]) => h('option', { value: each, key: each }, words)))
      : h('option', { value: name, key: name }, inner))));
  return bare ? chosen({ 'aria-label': label }) : h(Field, { label, hint, errors }, chosen);
}

export function Check({ label, checked, onInput, disabled }) {
  return h('label', { class: 'dz-check' }, h('input', { type: 'checkbox', checked: Boolean(checked), disabled, onChange: (event) => onInput(event.target.checked) }), h('span', null, label));
}

/** Several of [value, words]. */
export function Checks({ label, chosen, options, onInput, errors = [] }) {
  return h('fieldset', { class: 'dz-field' }, h('legend', null, label),
    h('div', { class: 'dz-checks' }, options.map(([value, words]) => h(Check, {
      key: value, label: words, checked: chosen.includes(value),
      onInput: (on) => onInput(options.map(([each]) => each).filter((each) => (each === value ? on : chosen.includes(each)))),
    }))),
    errors.length > 0 && h('p', { class: 'field-error' }, errors.join(' ')));
}

export function Button({ children, small = true, primary = false, ...more }) {
  return h('button', { type: 'button', class: `button${small ? ' small' : ''}${primary ? ' primary' : ''}`, ...more }, children);
}

/** A part of a panel that opens and closes. */
export function Fold({ title, open = false, count, children }) {
  const [shown, setShown] = useState(open);
  return h('details', { class: 'dz-fold', open: shown, onToggle: (event) => setShown(event.currentTarget.open) },
    h('summary', null, title, count > 0 && h('span', { class: 'count' }, count)),
    shown && h('div', { class: 'dz-fold-body' }, children));
}

/** The messages at a place and, with `deep`, at everything inside it. */
export function messagesAt(problems, place, deep = false) {
  return Object.entries(problems)
    .filter(([name]) => name === place || (deep && (name.startsWith(`${place}.`) || name.startsWith(`${place}[`))))
    .flatMap(([, messages]) => messages);
}
