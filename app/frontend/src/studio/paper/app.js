// The editor of one document template. A template the platform brings is only read until somebody adapts it.
import { h } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button, Check, Fold } from '../designer/controls.js';
import { History } from '../history.js';
import { Conditions } from './conditions.js';
import { BlockFields, within } from './fields.js';
import { Head } from './head.js';
import { kindOf, KINDS, summary } from './kinds.js';
import { Names } from './names.js';
import { Pages, useDrawings } from './preview.js';
import { words } from './rich.js';
import { Sample } from './sample.js';
import { piece } from './segments.js';
import * as template from './template.js';

const SETTLE = 120;
const USES = { node: '流程图', document: '文书', rule: '规则' };

export function Paper({ draft, code, listUrl }) {
  const path = `documents/${code}.yaml`;
  const samplePath = `documents/${code}.sample.json`;
  const history = useMemo(() => new History(null), []);
  const [state, setState] = useState(null);
  const [around, setAround] = useState(null);
  const [sample, setSample] = useState(null);
  const [own, setOwn] = useState(draft.has(path));
  const [selected, select] = useState(null);
  const [tab, setTab] = useState('block');
  const [answer, setAnswer] = useState({ problems: [], pages: [], spoken: [] });
  const [took, setTook] = useState(null);
  const [notice, setNotice] = useState('');
  const asked = useRef(0);
  const root = useRef(null);
  const { shown, have } = useDrawings(answer.pages);
  const editable = draft.editable && own;

  const others = () => Object.fromEntries(Object.entries(draft.changes).filter(([name]) => name !== path && name !== samplePath));
  const text = () => draft.text(path) ?? around.shipped;
  const ask = async (given = { text: text(), sample }) => {
    const number = (asked.current += 1);
    const begun = performance.now();
    try {
      const found = await draft.post(`documents/${code}/trial`, { changes: others(), ...given, have: have() });
      if (number !== asked.current) return null;
      setAnswer(found);
      setTook(Math.round(performance.now() - begun));
      return found;
    } catch (error) {
      if (number === asked.current) setNotice(error.message);
      return null;
    }
  };
  const load = async () => {
    const found = await draft.post(`documents/${code}/surroundings`, { changes: draft.changes });
    setAround(found);
    setSample(found.sample);
    const { raw } = await ask({ text: draft.text(path) ?? found.shipped, sample: found.sample }) ?? {};
    if (raw) {
      history.replace(template.open(raw));
      setState(history.present);
    }
  };
  useEffect(() => {
    load().catch((error) => setNotice(error.message));
    return draft.on('change', ({ path: changed, by }) => {
      if (by === 'me') return;
      if (changed === path) {
        setOwn(draft.has(path));
        setNotice('另一位分析人员修改了这份文书，已载入对方的内容。');
      }
      load().catch((error) => setNotice(error.message));
    });
  }, []);
  useEffect(() => {
    if (!state) return undefined;
    const later = setTimeout(() => ask(), SETTLE);
    return () => clearTimeout(later);
  }, [state, sample]);

  const show = () => {
    setState(history.present);
    draft.set(path, template.textOf(history.present));
  };
  const enter = (next, tag = '') => {
    if (next === history.present || !editable) return;
    history.enter(next, tag);
    show();
  };
  useEffect(() => {
    const keys = (event) => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || !['z', 'y'].includes(key)) return;
      event.preventDefault();
      if (key === 'y' || event.shiftKey ? history.redo() : history.undo()) show();
    };
    document.addEventListener('keydown', keys);
    return () => document.removeEventListener('keydown', keys);
  }, []);
  const names = useMemo(() => new Names(around?.values ?? {}, state?.head.let ?? {}), [around, JSON.stringify(state?.head.let)]);

  if (!around || (!state && !notice && answer.problems.length === 0)) return h('p', { class: 'empty' }, notice || '正在打开……');
  if (!state) return h('p', { class: 'notice warn' }, `这份文书不能编辑：${answer.problems.map(({ message }) => message).join(' ') || notice}请在“版本”中恢复以前的内容。`);

  const adapt = () => {
    draft.set(path, around.shipped);
    setOwn(true);
    setNotice('已复制平台模板，现在可以修改。法定条款仍不能修改。');
  };
  const openPdf = async () => {
    const made = await fetch(draft.url(`documents/${code}/pdf`), {
      method: 'POST', credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]')?.content ?? '' },
      body: JSON.stringify({ changes: others(), text: text(), sample }),
    });
    if (!made.ok) setNotice((await made.json().catch(() => ({}))).message ?? '暂时不能生成 PDF，请稍后再试。');
    else window.open(URL.createObjectURL(await made.blob()), '_blank');
  };
  const changeSample = (next) => {
    setSample(next);
    draft.set(samplePath, `${JSON.stringify(next, null, 1)}\n`);
  };
  const resetSample = async () => {
    draft.set(samplePath, null);
    const found = await draft.post(`documents/${code}/surroundings`, { changes: draft.changes });
    setSample(found.sample);
  };
  const choose = (id, focus) => {
    select(id);
    setTab('block');
    if (focus) requestAnimationFrame(() => root.current?.querySelector(`[data-block-id="${id}"]`)?.focus());
  };
  const added = ({ state: next, id }) => {
    enter(next);
    choose(id, true);
  };
  const at = (place) => answer.problems.filter((each) => each.place === place);
  const block = state.blocks.find(({ id }) => id === selected);
  const fixed = block && template.isFixed(block.raw, around.locked);
  const step = (id, by) => {
    const next = template.step(state, id, by, around.locked);
    if (next === state && by) setNotice('不能再移动：法定条款之间的先后次序不得改变，或者已在首末。');
    enter(next);
    choose(id, true);
  };
  const remove = (id) => {
    const index = template.indexOf(state, id);
    if (template.isFixed(state.blocks[index].raw, around.locked)) {
      setNotice('法定条款不能删除。');
      return;
    }
    const next = template.remove(state, id);
    enter(next);
    choose(next.blocks[Math.min(index, next.blocks.length - 1)]?.id ?? null, true);
    setNotice('已删除，按 Ctrl+Z 可以撤销。');
  };
  const keys = (event, id, index) => {
    const goes = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (goes && event.altKey && editable) step(id, goes);
    else if (goes && state.blocks[index + goes]) choose(state.blocks[index + goes].id, true);
    else if (event.key === 'Delete' && editable) remove(id);
    else return;
    event.preventDefault();
  };
  const grave = answer.problems.filter((each) => each.grave).length;
  const doubtful = answer.problems.length - grave;
  const general = answer.problems.filter(({ place }) => place === '');

  return h('div', { ref: root, class: 'dz paper' },
    h('div', { class: 'dz-top' },
      h('a', { href: listUrl }, '‹ 全部文书'),
      h('strong', null, `${state.head.name ?? state.head.title}（${code}）`),
      h('span', { class: `tag ${grave ? 'danger' : doubtful ? 'warn' : 'ok'}` }, grave ? `${grave} 处错误` : doubtful ? `${doubtful} 处疑问` : '没有错误'),
      !own && around.shipped && h('span', { class: 'tag' }, '平台模板'),
      !own && draft.editable && h(Button, { primary: true, onClick: adapt }, '自定义此文书'),
      own && h('div', { class: 'row', role: 'toolbar', 'aria-label': '撤销和重做' },
        h(Button, { disabled: !history.canUndo, title: 'Ctrl+Z', onClick: () => history.undo() && show() }, '撤销'),
        h(Button, { disabled: !history.canRedo, title: 'Ctrl+Y', onClick: () => history.redo() && show() }, '重做')),
      h('p', { class: 'dz-notice', role: 'status', 'aria-live': 'polite' }, notice)),
    general.length > 0 && h('p', { class: 'notice warn', role: 'alert' }, general.map(({ message }) => message).join(' ')),
    h('div', { class: 'dz-columns-of-page' },
      h('section', { class: 'dz-left', 'aria-labelledby': 'paper-blocks-title' },
        h('div', { class: 'dz-bar' }, h('h2', { id: 'paper-blocks-title' }, '内容'), editable && h('div', { class: 'row', role: 'toolbar', 'aria-label': '所选的块' },
          h(Button, { disabled: !block, 'aria-label': '上移', title: '上移（Alt+↑）', onClick: () => step(selected, -1) }, '↑'),
          h(Button, { disabled: !block, 'aria-label': '下移', title: '下移（Alt+↓）', onClick: () => step(selected, 1) }, '↓'),
          h(Button, { disabled: !block, onClick: () => added(template.duplicate(state, selected)) }, '复制'),
          h(Button, { disabled: !block || fixed, title: '删除（Delete）', onClick: () => remove(selected) }, '删除'))),
        h('ol', { class: 'dz-items' }, state.blocks.map(({ id, raw }, index) => {
          const wrong = at(`blocks[${index}]`);
          return h('li', { key: id, class: 'dz-item' }, h('button', {
            type: 'button', class: 'dz-item-name', 'data-block-id': id, 'aria-current': id === selected ? 'true' : undefined, onClick: () => choose(id), onKeyDown: (event) => keys(event, id, index),
          },
          h('span', { class: 'tag' }, KINDS[kindOf(raw)] ?? '不认识'),
          raw?.lock === true && h('span', { class: 'tag warn' }, '法定条款'), raw?.if && h('span', { class: 'tag info' }, '有条件'),
          wrong.length > 0 && h('span', { class: `tag ${wrong.some((each) => each.grave) ? 'danger' : 'warn'}` }, wrong.some((each) => each.grave) ? '有错误' : '有疑问'),
          h('span', { class: 'paper-summary' }, summary(raw, 40, saying(within(names, raw?.[kindOf(raw)]))))));
        })),
        editable && h('label', { class: 'paper-add' }, '添加一块', h('select', { value: '', onChange: (event) => { added(template.add(state, event.target.value, block ? template.indexOf(state, selected) : undefined)); event.target.value = ''; } },
          h('option', { value: '' }, '选择种类'), Object.entries(KINDS).map(([kind, label]) => h('option', { key: kind, value: kind }, label))))),
      h('section', { class: 'dz-inspector', 'aria-label': '编辑' },
        h('div', { class: 'dz-tabs', role: 'group', 'aria-label': '编辑什么' }, [['block', '所选的块'], ['head', '文书属性'], ['sample', '示例数据']].map(([name, label]) => h('button', { key: name, type: 'button', 'aria-pressed': String(tab === name), onClick: () => setTab(name) }, label))),
        tab === 'block' && (block
          ? h(Block, { key: block.id, block, fixed, editable, names, problems: at(`blocks[${template.indexOf(state, block.id)}]`), shipped: Boolean(around.shipped), onInput: (raw, tag) => enter(template.set(state, block.id, raw), `${block.id}.${tag}`) })
          : h('p', { class: 'muted' }, '在左侧选择一块，在这里修改它的内容。')),
        tab === 'head' && h(Head, { head: state.head, around, problems: answer.problems, names, disabled: !editable, act: (name, value) => enter(template.setHead(state, name, value), `head.${name}`) }),
        tab === 'sample' && h(Sample, { sample, spoken: answer.spoken, names, own: draft.has(samplePath), disabled: !draft.editable, onInput: changeSample, onReset: resetSample }),
        h(Fold, { title: '用在哪里', count: around.uses.length }, around.uses.length ? h('ul', { class: 'dz-uses' }, around.uses.map((use, index) => h('li', { key: index }, h('span', { class: 'tag' }, USES[use.kind] ?? use.kind), ' ', use.where, h('small', { class: 'muted' }, ` ${use.what}`)))) : h('p', { class: 'muted' }, '还没有环节制发这种文书。'))),
      h(Pages, { shown, took, said: answer.pages.length ? '' : '有错误，暂时不能显示样张。', onPdf: openPdf })));
}

/** Says a value by its name; one that is named only further inside (an element of a list) by a mark. */
const saying = (names) => (raw) => {
  const said = words(piece(raw), names);
  return raw.includes(said) ? '□' : `【${said}】`;
};

function Block({ block: { raw }, fixed, editable, names, problems, shipped, onInput }) {
  const kind = kindOf(raw);
  const disabled = !editable || fixed;
  return h('div', null,
    h('h2', null, KINDS[kind] ?? '不认识的块'),
    fixed && h('p', { class: 'notice warn' }, '这是法定条款，内容由法律规定，不能修改、删除或者改变先后次序。'),
    problems.map(({ message, grave }) => h('p', { key: message, class: grave ? 'field-error' : 'field-hint', role: grave ? 'alert' : undefined }, message)),
    kind && h(BlockFields, { kind, value: raw[kind], names, disabled, onInput: (value) => onInput({ ...raw, [kind]: value }, kind) }),
    h(Conditions, { title: '何时有这一块', source: raw?.if, names, disabled, onInput: (source) => onInput(source === undefined ? without(raw, 'if') : { ...raw, if: source }, 'if') }),
    !shipped && kind && h(Check, { label: '作为法定条款锁定', checked: raw.lock, disabled, onInput: (on) => onInput(on ? { ...raw, lock: true } : without(raw, 'lock'), 'lock') }));
}

function without(object, name) {
  const { [name]: _, ...rest } = object;
  return rest;
}
