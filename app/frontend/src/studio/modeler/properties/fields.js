// The fields of the panel. A text is taken over when the field is left, on Enter, and after a short rest while typing.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { readLimit, UNITS } from './limits.js';

const REST = 600;

function Frame({ label, id, hint, error, children }) {
  return html`<div class=${`prop ${error ? 'wrong' : ''}`}>
    <label for=${id}>${label}</label>
    ${children}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`} role="alert">${error}</p>`}
  </div>`;
}

const about = (id, hint, error) => [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;

/** What is typed, kept until it can be taken over; a value that changed elsewhere replaces it. */
function useTyped(value, commit, check) {
  const [typed, setTyped] = useState(value);
  const [error, setError] = useState('');
  const timer = useRef(null);
  const latest = useRef({});
  latest.current = { typed, value, commit };
  useEffect(() => {
    setTyped(value);
    setError('');
  }, [value]);
  const take = (text) => {
    clearTimeout(timer.current);
    timer.current = null;
    const problem = check?.(text) ?? '';
    setError(problem);
    if (!problem && text !== latest.current.value) latest.current.commit(text);
  };
  useEffect(() => () => {
    if (timer.current === null) return; // the panel turns to another element: what was typed is taken over
    clearTimeout(timer.current);
    const { typed: text, value: old, commit: last } = latest.current;
    if (text !== old && !check?.(text)) last(text);
  }, []);
  const type = (text) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => take(text), REST);
  };
  return { typed, error, type, take };
}

export function TextField({ label, value, onChange, hint, check, disabled, list, code, placeholder }) {
  const id = useId();
  const { typed, error, type, take } = useTyped(value, onChange, check);
  return html`<${Frame} label=${label} id=${id} hint=${hint} error=${error}>
    <input id=${id} type="text" class=${code ? 'code' : ''} value=${typed} disabled=${disabled} list=${list && `${id}-list`} placeholder=${placeholder}
      autocomplete="off" spellcheck=${false} aria-invalid=${error ? 'true' : undefined} aria-describedby=${about(id, hint, error)}
      onInput=${(event) => type(event.target.value)} onBlur=${(event) => take(event.target.value)}
      onKeyDown=${(event) => { if (event.key === 'Enter' && !event.isComposing) take(event.target.value); }} />
    ${list && html`<datalist id=${`${id}-list`}>${list.map((each) => html`<option value=${each} />`)}</datalist>`}
  <//>`;
}

export function AreaField({ label, value, onChange, hint, rows = 3, disabled, check, code }) {
  const id = useId();
  const { typed, error, type, take } = useTyped(value, onChange, check);
  return html`<${Frame} label=${label} id=${id} hint=${hint} error=${error}>
    <textarea id=${id} class=${code ? 'code' : ''} rows=${rows} value=${typed} disabled=${disabled} aria-invalid=${error ? 'true' : undefined} aria-describedby=${about(id, hint, error)}
      onInput=${(event) => type(event.target.value)} onBlur=${(event) => take(event.target.value)}></textarea>
  <//>`;
}

/** A drop-down. A value that is none of the options stays visible, marked as unknown. */
export function SelectField({ label, value, options, onChange, empty = '（未选择）', hint, disabled, unknown = '不在清单中' }) {
  const id = useId();
  const known = options.some((option) => option.value === value);
  const error = value && !known ? `“${value}”${unknown}。` : '';
  return html`<${Frame} label=${label} id=${id} hint=${hint} error=${error}>
    <select id=${id} value=${value} disabled=${disabled} aria-describedby=${about(id, hint, error)} aria-invalid=${error ? 'true' : undefined} onChange=${(event) => onChange(event.target.value)}>
      ${empty !== null && html`<option value="">${empty}</option>`}
      ${!known && value && html`<option value=${value}>${value}（${unknown}）</option>`}
      ${options.map((option) => html`<option value=${option.value} key=${option.value}>${option.label}</option>`)}
    </select>
  <//>`;
}

/** A time: number and unit. */
export function LimitField({ label, value, onChange, hint, disabled }) {
  const id = useId();
  const limit = readLimit(value);
  const [unit, setUnit] = useState(limit?.unit ?? 'wd');
  useEffect(() => { if (limit) setUnit(limit.unit); }, [value]);
  const written = (number) => (number === '' ? '' : `${number}${unit}`);
  const check = (text) => (text === '' || readLimit(written(text)) ? '' : '请填写 1 至 99999 的整数。');
  const { typed, error, type, take } = useTyped(limit?.number ?? (value || ''), (text) => onChange(written(text)), check);
  const wrong = error || (value && !limit ? `“${value}”不是时限，请重新填写。` : '');
  return html`<div class=${`prop ${wrong ? 'wrong' : ''}`} role="group" aria-labelledby=${`${id}-label`}>
    <span class="prop-label" id=${`${id}-label`}>${label}</span>
    <div class="limit">
      <input id=${id} type="text" inputmode="numeric" aria-label=${`${label}：数`} value=${typed} disabled=${disabled} aria-invalid=${wrong ? 'true' : undefined} aria-describedby=${about(id, hint, wrong)}
        onInput=${(event) => type(event.target.value.trim())} onBlur=${(event) => take(event.target.value.trim())}
        onKeyDown=${(event) => { if (event.key === 'Enter') take(event.target.value.trim()); }} />
      <select aria-label=${`${label}：单位`} value=${unit} disabled=${disabled}
        onChange=${(event) => { setUnit(event.target.value); if (typed && readLimit(`${typed}${event.target.value}`)) onChange(`${typed}${event.target.value}`); }}>
        ${UNITS.map((each) => html`<option value=${each.value}>${each.label}</option>`)}
      </select>
    </div>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${wrong && html`<p class="field-error" id=${`${id}-error`} role="alert">${wrong}</p>`}
  </div>`;
}

export function CheckField({ label, checked, onChange, hint, disabled }) {
  const id = useId();
  return html`<div class="prop check">
    <label class="choice"><input type="checkbox" id=${id} checked=${checked} disabled=${disabled} aria-describedby=${about(id, hint)} onChange=${(event) => onChange(event.target.checked)} /> ${label}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

/** Something chosen from a dialog, with its name and code. */
export function PickField({ label, name, code, empty, act, actLabel, clear, disabled, hint, error }) {
  const id = useId();
  return html`<div class=${`prop ${error ? 'wrong' : ''}`} role="group" aria-labelledby=${`${id}-label`}>
    <span class="prop-label" id=${`${id}-label`}>${label}</span>
    <div class="picked">
      <span class="picked-value">${name || code ? html`${name} ${code && html`<code>${code}</code>`}` : html`<span class="muted">${empty}</span>`}</span>
      ${!disabled && html`<button type="button" class="button small" aria-describedby=${`${id}-label`} onClick=${act}>${actLabel}</button>`}
      ${!disabled && code && clear && html`<button type="button" class="button small" aria-label=${`清除${label}`} onClick=${clear}>清除</button>`}
    </div>
    ${hint && html`<p class="hint">${hint}</p>`}
    ${error && html`<p class="field-error" role="alert">${error}</p>`}
  </div>`;
}

/** A group that opens and closes; it remembers how it was left, by its title. */
const left = new Map();

export function Group({ title, children, count, shut = false }) {
  const [open, setOpen] = useState(left.get(title) ?? !shut);
  const toggle = (event) => {
    left.set(title, event.target.open);
    setOpen(event.target.open);
  };
  return html`<details class="prop-group" open=${open} onToggle=${toggle}><summary>${title}${count ? html` <span class="count">${count}</span>` : ''}</summary><div class="prop-body">${children}</div></details>`;
}
