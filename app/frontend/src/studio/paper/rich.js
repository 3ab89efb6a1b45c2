// A text of a template to write in: values and conditions stand in it as chips, everything else is typed.
import { h } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, Select, TextLine } from '../designer/controls.js';
import { flat, grouped } from '../values.js';
import { Conditions } from './conditions.js';
import { inWords } from './expressions.js';
import { FORMATS, formatOf, isPrintable, piece, rewritten, split, valueParts } from './segments.js';

const NOTHING = '\u200b'; // a place for the caret beside a chip

/** A piece as its chip says it. */
export function words(part, names) {
  const nameOf = (path) => names.named(path);
  if (part.kind === 'value') {
    const found = valueParts(part.expression);
    if (!found) return part.expression;
    return names.at(found.path)?.label ?? found.path;
  }
  const said = () => inWords(part.expression, nameOf);
  switch (part.name) {
    case 'if': return `如果${said()}`;
    case 'elif': return `否则，如果${said()}`;
    case 'else': return '否则';
    case 'endif': return '条件结束';
    case 'for': return `逐项 ${part.expression}`;
    case 'endfor': return '逐项结束';
    default: return part.raw;
  }
}

function chip(part, names) {
  const made = document.createElement('span');
  const known = part.kind !== 'value' || !valueParts(part.expression) || names.isKnown(valueParts(part.expression).path);
  made.className = `chip ${part.kind}${known ? '' : ' unknown'}`;
  made.contentEditable = 'false';
  made.dataset.raw = part.raw;
  made.title = part.raw;
  made.textContent = words(part, names);
  return made;
}

function nodes(text, names) {
  const parts = split(text);
  return parts.flatMap((part, index) => {
    if (part.kind === 'words') return [document.createTextNode(part.raw)];
    const beside = parts[index + 1]?.kind === 'words' ? [] : [document.createTextNode(NOTHING)];
    return [...index === 0 ? [document.createTextNode(NOTHING)] : [], chip(part, names), ...beside];
  });
}

/** The text that an element shows. */
export function textIn(element) {
  let text = '';
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) text += node.data.replaceAll(NOTHING, '');
    else if (node.dataset?.raw !== undefined) text += node.dataset.raw;
    else if (node.nodeName === 'BR') text += '\n';
    else text += (text && !text.endsWith('\n') && node.nodeName === 'DIV' ? '\n' : '') + textIn(node);
  }
  return text;
}

export function RichText({ label, value, onInput, names, disabled = false, line = false, hint }) {
  const id = useId();
  const box = useRef(null);
  const caret = useRef(null);
  const [editing, edit] = useState(null);
  const text = String(value ?? '');

  useLayoutEffect(() => {
    if (textIn(box.current) !== text) box.current.replaceChildren(...nodes(text, names));
  }, [text]);
  useEffect(() => { // names change when the template's short names or the forms do
    if (document.activeElement !== box.current) box.current.replaceChildren(...nodes(text, names));
  }, [names]);

  const took = () => onInput(textIn(box.current));
  useEffect(() => { // where somebody was writing last, however the caret came there
    const remember = () => {
      const selection = document.getSelection();
      if (selection.rangeCount && box.current.contains(selection.anchorNode)) caret.current = selection.getRangeAt(0).cloneRange();
    };
    document.addEventListener('selectionchange', remember);
    return () => document.removeEventListener('selectionchange', remember);
  }, []);
  const insert = (...raws) => {
    const range = caret.current && box.current.contains(caret.current.startContainer) ? caret.current : null;
    const made = raws.flatMap((raw) => {
      const part = piece(raw);
      return part.kind === 'words' ? [document.createTextNode(raw)] : [chip(part, names), document.createTextNode(NOTHING)];
    });
    if (range) {
      range.deleteContents();
      const holder = document.createDocumentFragment();
      holder.append(...made);
      range.insertNode(holder);
    } else box.current.append(...made);
    took();
    const after = document.createRange();
    after.setStartAfter(made.at(-1));
    caret.current = after;
    box.current.focus();
    document.getSelection().removeAllRanges();
    document.getSelection().addRange(after);
  };
  const chips = () => [...box.current?.querySelectorAll('.chip') ?? []];
  const replace = (element, raw) => {
    if (raw === null) element.remove();
    else element.replaceWith(chip(piece(raw), names));
    edit(null);
    took();
  };
  const parts = split(text).filter(({ kind }) => kind !== 'words');
  return h('div', { class: 'rich' },
    h('span', { id: `${id}-label`, class: 'rich-label' }, label),
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    h('div', {
      ref: box, class: `rich-box${line ? ' line' : ''}`, contentEditable: disabled ? 'false' : 'plaintext-only', role: 'textbox', 'aria-multiline': String(!line),
      'aria-labelledby': `${id}-label`, 'aria-describedby': hint ? `${id}-hint` : undefined, 'aria-disabled': disabled ? 'true' : undefined, tabIndex: disabled ? -1 : 0, spellcheck: false,
      onInput: took,
      onKeyDown: (event) => { if (line && event.key === 'Enter') event.preventDefault(); },
      onClick: (event) => { if (!disabled && event.target.classList.contains('chip')) edit(chips().indexOf(event.target)); },
    }),
    !disabled && h('div', { class: 'rich-tools row' },
      h(Insert, { names, onInsert: insert }),
      parts.length > 0 && h('select', { 'aria-label': `修改“${label}”中的内容`, value: '', onChange: (event) => { edit(Number(event.target.value)); event.target.value = ''; } },
        h('option', { value: '' }, '修改占位或者条件…'), parts.map((part, index) => h('option', { key: index, value: index }, `${index + 1}. ${words(part, names)}`)))),
    editing !== null && parts[editing] && h(ChipEditor, {
      key: `${editing}${parts[editing].raw}`, part: parts[editing], names,
      onDone: (raw) => (raw === undefined ? edit(null) : replace(chips()[editing], raw)),
    }));
}

function options(names) {
  const local = Object.entries(names.local).filter(([name, value]) => value && name !== 'loop')
    .map(([name, value]) => [`本项：${value.label}`, Object.entries(value.fields ?? {}).map(([field, { label }]) => [`${name}.${field}`, label])]);
  const loop = names.local.loop ? [['逐项', [['loop.index', '序号']]]] : [];
  return [...local, ...loop, ...grouped(flat(names.values).filter(({ value }) => isPrintable(value)))];
}

function Insert({ names, onInsert }) {
  const put = (path) => {
    if (path === 'if') onInsert('{% if party.name %}', '内容', '{% endif %}');
    else if (path) onInsert(`{{ ${path}${formatOf(names.at(path))} }}`);
  };
  return h('select', { 'aria-label': '插入内容', value: '', onChange: (event) => { put(event.target.value); event.target.value = ''; } },
    h('option', { value: '' }, '插入…'), h('option', { value: 'if' }, '一段有条件的文字'),
    options(names).map(([group, list]) => h('optgroup', { key: group, label: group }, list.map(([path, label]) => h('option', { key: path, value: path }, label)))));
}

function ChipEditor({ part, names, onDone }) {
  const [raw, setRaw] = useState(part.raw);
  const now = piece(raw);
  const value = now.kind === 'value' ? valueParts(now.expression) : null;
  const format = value && FORMATS.some(([filters]) => filters === value.filters) ? FORMATS : [...FORMATS, ...value ? [[value.filters, `自定义：${value.filters}`]] : []];
  return h('div', { class: 'chip-editor', role: 'group', 'aria-label': '修改占位或者条件' },
    value && h(Select, { label: '内容', value: value.path, options: options(names), onInput: (path) => setRaw(rewritten(now, `${path}${formatOf(names.at(path))}`)) }),
    value && h(Select, { label: '写法', value: value.filters, options: format, onInput: (filters) => setRaw(rewritten(now, `${value.path}${filters}`)) }),
    now.kind === 'tag' && ['if', 'elif'].includes(now.name) && h(Conditions, { title: '条件', source: now.expression, names, onInput: (source) => setRaw(rewritten(now, source ?? 'false')) }),
    (!value && !['if', 'elif'].includes(now.name)) && h(TextLine, { label: '模板写法', value: raw, onInput: setRaw }),
    h('div', { class: 'row' }, h(Button, { primary: true, onClick: () => onDone(raw) }, '完成'), h(Button, { onClick: () => onDone(undefined) }, '取消'), h(Button, { onClick: () => onDone(null) }, '从文字中去掉')));
}
