// What a template says of itself: names, number, seal, what must be known, short names.
import { h } from 'preact';
import { Button, Check, Field, Fold, NumberLine, Select, TextLine } from '../designer/controls.js';
import { flat, grouped } from '../values.js';

const messages = (problems, place) => problems.filter((each) => each.place === place).map((each) => each.message);

export function Head({ head, around, problems, names, act, disabled }) {
  const lines = (name, label) => h(Field, { label, hint: '每行一项' }, (described) => h('textarea', {
    rows: 2, ...described, value: (head[name] ?? []).join('\n'),
    onChange: (event) => act(name, event.target.value.split('\n').map((each) => each.trim()).filter(Boolean)),
  }));
  const required = head.required ?? {};
  const short = head.let ?? {};
  return h('fieldset', { disabled },
    h('h2', null, '文书'),
    h(TextLine, { label: '标题', hint: '可以随案件变化，此时另写种类名称', value: head.title, errors: messages(problems, 'title'), onInput: (value) => act('title', value) }),
    h(TextLine, { label: '种类名称', optional: true, value: head.name, errors: messages(problems, 'name'), onInput: (value) => act('name', value) }),
    h('p', { class: 'muted' }, '代码：', h('code', null, head.code), messages(problems, 'code').map((message) => h('span', { class: 'field-error', key: message }, message))),
    h(Select, { label: '样式', value: head.house ?? 'official', options: Object.entries(around.houses), onInput: (value) => act('house', value) }),
    h(TextLine, { label: '文号中的字', hint: '例如“罚”，编为 枣环罚〔2026〕12号；不编号的不填', optional: true, value: head.type, onInput: (value) => act('type', value) }),
    h(NumberLine, { label: '份数', value: head.copies ?? 1, onInput: (value) => act('copies', value) }),
    h(Check, { label: '可以盖印章', checked: head.seal, onInput: (on) => act('seal', on) }),
    lines('basis', '法律依据'), head.house === 'record' && lines('page_signatures', '每页签名的人'),
    h(Fold, { title: '制作前必须有的内容', count: Object.keys(required).length },
      Object.entries(required).map(([path, label]) => h('div', { key: path, class: 'row between' }, h('span', null, label, ' ', h('small', { class: 'muted' }, path)),
        h(Button, { 'aria-label': `不再要求${label}`, onClick: () => act('required', without(required, path)) }, '✕'),
        messages(problems, `required.${path}`).map((message) => h('p', { class: 'field-error', key: message }, message)))),
      h(Select, { label: '添加', value: '', options: [['', '选择内容'], ...grouped(flat(around.values).filter(({ path }) => !(path in required)))], onInput: (path) => path && act('required', { ...required, [path]: names.at(path)?.label ?? path }) })),
    h(Fold, { title: '简称', count: Object.keys(short).length },
      h('p', { class: 'hint' }, '模板中反复用到的内容可以起一个简称。'),
      Object.entries(short).map(([name, expression]) => h('div', { key: name, class: 'dz-write' },
        h(TextLine, { label: `简称 ${name}`, value: expression, errors: messages(problems, `let.${name}`), onInput: (value) => act('let', { ...short, [name]: value }) }),
        h(Button, { 'aria-label': `删除简称 ${name}`, onClick: () => act('let', without(short, name)) }, '删除'))),
      h(TextLine, { label: '新的简称（英文）', value: '', onDone: (name) => /^[a-z][a-z0-9_]*$/.test(name ?? '') && !(name in short) && act('let', { ...short, [name]: 'party.name' }) })));
}

function without(object, name) {
  const { [name]: _, ...rest } = object;
  return Object.keys(rest).length ? rest : undefined;
}
