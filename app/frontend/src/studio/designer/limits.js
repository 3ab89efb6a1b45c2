// What limits an answer: lengths, bounds, patterns, who may be named, which files are taken.
import { h } from 'preact';
import { Check, Checks, Field, messagesAt, NumberLine, Select, TextLine } from './controls.js';
import { CERTIFICATES, PARTY_PARTS } from './types.js';

const DATES = [['', '不限'], ['today', '今天']];

export function Limits({ raw, place, problems, positions = {}, extensions = [], onInput }) {
  const errors = (name) => messagesAt(problems, `${place}.${name}`);
  const number = (name, label, hint) => h(NumberLine, { key: name, label, hint, value: raw[name], onInput: (value) => onInput(name, value), errors: errors(name) });
  const line = (name, label, hint) => h(TextLine, { key: name, label, hint, optional: true, value: raw[name], onInput: (value) => onInput(name, value), errors: errors(name) });
  switch (raw.type) {
    case 'text':
    case 'textarea':
      return h('div', null, number('maxLength', '最多字数', raw.type === 'text' ? '不填为 200，不超过 500' : '不填为 5000，不超过 20000'),
        number('minLength', '最少字数', '不填为不限，不超过 200'),
        line('pattern', '格式（正则表达式）', '整段文字须符合，例如 [0-9]{6}'), raw.pattern && line('patternMessage', '格式不符时的提示'));
    case 'number':
      return h('div', { class: 'dz-pair' }, number('min', '最小', '不填为 0'), number('max', '最大'), number('decimals', '小数位数', '不填为 4'), line('unit', '单位'));
    case 'money':
      return h('div', { class: 'dz-pair' }, number('min', '最小（元）', '不填为 0'), number('max', '最大（元）'));
    case 'date':
    case 'datetime':
      return h('div', { class: 'dz-pair' }, [['min', '最早'], ['max', '最晚']].map(([name, label]) => h(Bound, { key: name, label, value: raw[name], errors: errors(name), onInput: (value) => onInput(name, value) })));
    case 'select':
      return raw.items ? line('items', '权力类型', '选项是本机关已公布的这类权力事项，如 penalty') : null;
    case 'person':
      return h('div', null,
        h(Select, { label: '岗位', value: raw.position, options: [['', '不限'], ...Object.entries(positions)], onInput: (value) => onInput('position', value || undefined), errors: errors('position') }),
        h(Select, { label: '须持证件', value: raw.certificate, options: CERTIFICATES, onInput: (value) => onInput('certificate', value || undefined), errors: errors('certificate') }),
        h(Check, { label: '可以选择多人', checked: raw.multiple, onInput: (on) => onInput('multiple', on || undefined) }));
    case 'party':
      return h(Checks, { label: '必须填写的内容', options: PARTY_PARTS, chosen: raw.requires ?? ['kind', 'name'], onInput: (values) => onInput('requires', values), errors: errors('requires') });
    case 'file':
    case 'evidence': {
      const chosen = raw.types ?? extensions;
      return h('div', null,
        h(Checks, { label: '接受的文件', options: extensions.map((each) => [each, each]), chosen, onInput: (values) => onInput('types', values.length === extensions.length ? undefined : values), errors: errors('types') }),
        raw.type === 'file' ? number('maxFiles', '最多文件数', '不填为 20') : number('maxRows', '最多行数', '不填为 100'));
    }
    case 'law':
      return h(Field, { label: '提示的法律法规', hint: '每行一部', errors: messagesAt(problems, `${place}.laws`, true) }, (described) => h('textarea', {
        rows: 3, ...described, value: (raw.laws ?? []).join('\n'),
        onChange: (event) => {
          const laws = event.target.value.split('\n').map((each) => each.trim()).filter(Boolean);
          onInput('laws', laws.length ? laws : undefined);
        },
      }));
    default:
      return null;
  }
}

function Bound({ label, value, errors, onInput }) {
  const fixed = value && value !== 'today';
  return h('div', null,
    h(Select, { label, value: fixed ? 'fixed' : value ?? '', options: [...DATES, ['fixed', '指定日期']], onInput: (chosen) => onInput(chosen === 'fixed' ? new Date().toISOString().slice(0, 10) : chosen || undefined), errors: fixed ? [] : errors }),
    fixed && h(TextLine, { label: `${label}的日期`, type: 'date', value, onInput, errors }));
}
