// The designer of one form: what is on the page goes into the draft at once, the server says what is wrong with it and
// how it looks a moment later.
import { h } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button } from './controls.js';
import * as form from './definition.js';
import { Inspector } from './inspector.js';
import { Preview } from './preview.js';
import { Palette, Structure } from './structure.js';
import { History } from '../history.js';
import { isKeyed, NAMES } from './types.js';

const SETTLE = 250;
const NOTHING = { values: {}, attributes: {}, steps: [], uses: [], positions: {}, extensions: [] };

export function Designer({ draft, formKey, listUrl }) {
  const path = `forms/${formKey}.json`;
  const history = useMemo(() => new History(form.open(draft.text(path) ?? '')), []);
  const [state, setState] = useState(history.present);
  const [selected, select] = useState(null);
  const [around, setAround] = useState(NOTHING);
  const [look, setLook] = useState({ problems: {}, html: null, said: '' });
  const [place, setPlace] = useState('');
  const [notice, setNotice] = useState('');
  const typed = useRef(null);
  const root = useRef(null);
  const asked = useRef(0);

  const show = () => {
    setState(history.present);
    draft.set(path, form.textOf(history.present));
  };
  const enter = (next, tag = '') => {
    if (next === history.present || !draft.editable) return;
    history.enter(next, tag);
    show();
  };
  const others = () => Object.fromEntries(Object.entries(draft.changes).filter(([name]) => name !== path));
  const focusItem = (id) => requestAnimationFrame(() => root.current?.querySelector(`[data-item-id="${id}"]`)?.focus());

  const ask = async (checking = false) => {
    const number = (asked.current += 1);
    const step = around.steps.find(({ node }) => node === place);
    const body = { changes: others(), text: draft.text(path) ?? '', step: step?.step ?? '', node: step?.node ?? '', answers: typed.current, act: checking };
    try {
      const answer = await draft.post(`forms/${formKey}/look`, body);
      // an answer that was overtaken says nothing of what is on the page now
      if (number === asked.current) setLook((before) => ({ ...answer, html: answer.html ?? before.html, stale: answer.html === null }));
    } catch (error) {
      if (number === asked.current) setNotice(error.message);
    }
  };
  const learn = async () => {
    try {
      setAround(await draft.post(`forms/${formKey}/surroundings`, { changes: others() }));
    } catch (error) {
      setNotice(error.message);
    }
  };

  useEffect(() => {
    learn();
    const ends = [
      draft.on('change', ({ path: changed, text, by }) => {
        if (changed !== path) learn();
        else if (by !== 'me') {
          history.replace(form.open(text ?? ''));
          setState(history.present);
          setNotice('另一位分析人员修改了这个表单，已载入对方的内容。');
        }
      }),
      draft.on('saved', learn),
    ];
    return () => ends.forEach((end) => end());
  }, []);
  useEffect(() => {
    const later = setTimeout(ask, SETTLE);
    return () => clearTimeout(later);
  }, [state, place, JSON.stringify(around.steps)]);

  const turn = (done) => {
    if (done) show();
  };
  useEffect(() => {
    const keys = (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      const key = event.key.toLowerCase();
      const inPreview = event.target.closest?.('.dz-preview form');
      if (inPreview || !['z', 'y'].includes(key)) return;
      event.preventDefault();
      turn(key === 'y' || event.shiftKey ? history.redo() : history.undo());
    };
    document.addEventListener('keydown', keys);
    return () => document.removeEventListener('keydown', keys);
  }, []);

  if (!state) return h('p', { class: 'notice warn' }, '这个表单的内容不是正常的 JSON，不能设计。请在“版本”中恢复以前的内容，或者删除后重新建立。');

  const choose = (id, focus = false) => {
    select(id);
    if (focus) focusItem(id);
  };
  const added = ({ state: next, id }, words) => {
    enter(next);
    choose(id, true);
    setNotice(words);
  };
  const remove = (id) => {
    const index = form.indexOf(state, id);
    const { raw } = form.find(state, id);
    const next = form.remove(state, id);
    enter(next);
    choose(next.items[Math.min(index, next.items.length - 1)]?.id ?? null, true);
    const uses = around.uses.filter(({ field }) => field && field === raw.key).length;
    setNotice(`已删除“${raw.label}”${uses ? `，另有 ${uses} 处仍引用它，请一并修改` : ''}。按 Ctrl+Z 可以撤销。`);
  };
  const step = (id, by) => {
    const next = form.step(state, id, by);
    enter(next);
    focusItem(id);
    setNotice(`“${form.find(next, id).raw.label}”现在是第 ${form.indexOf(next, id) + 1} 项。`);
  };
  const drop = (what, index) => {
    if (what.type) added(form.add(state, what.type, index), `已添加${NAMES[what.type]}。`);
    else if (what.id && form.find(state, what.id)) {
      enter(form.move(state, what.id, index));
      choose(what.id, true);
    }
  };
  const rename = async (id, key) => {
    const old = form.find(state, id).raw.key;
    enter(form.rename(state, id, key));
    if (!old || old === key || form.keysOf(state).filter((each) => each === old).length > 1) return;
    try {
      const { changes, left } = await draft.post(`forms/${formKey}/rename`, { changes: draft.changes, from: old, to: key });
      for (const [name, text] of Object.entries(changes)) draft.set(name, text);
      const changed = Object.keys(changes).length;
      const rest = left.length ? `以下地方须另行修改：${left.map(({ where }) => where).join('、')}。` : '';
      setNotice(`标识已由 ${old} 改为 ${key}${changed ? `，并更新了另外 ${changed} 个文件` : ''}。${rest}`);
    } catch (error) {
      setNotice(error.message); // the key itself is on the page, with what is wrong with it
    }
  };
  const act = {
    head: (name, value) => enter(form.setHead(state, name, value), `head.${name}`),
    item: (id, name, value) => enter(form.set(state, id, name, value), `${id}.${name}`),
    several: (id, changes) => enter(Object.entries(changes).reduce((next, [name, value]) => form.set(next, id, name, value), state), `${id}.${Object.keys(changes)}`),
    prefill: (key, source) => {
      const prefill = form.withValue(state.head.prefill ?? {}, key, source);
      enter(form.setHead(state, 'prefill', Object.keys(prefill).length ? prefill : undefined));
    },
    right: (where, key, right) => {
      const alone = around.steps.filter((each) => each.step === where.step).length === 1;
      enter(form.setRight(state, where, key, right, alone));
      setPlace(where.node); // the preview shows what was just decided
    },
    rename,
  };
  const wrongAt = (index, key) => Object.keys(look.problems).filter((name) => name === `items[${index}]` || name.startsWith(`items[${index}].`) || (key && (name === `prefill.${key}` || name.endsWith(`.fields.${key}`)))).length;
  const wrong = Object.values(look.problems).reduce((sum, messages) => sum + messages.length, 0);

  return h('div', { ref: root, class: 'dz' },
    h('div', { class: 'dz-top' },
      h('a', { href: listUrl }, '‹ 全部表单'),
      h('button', { type: 'button', class: 'dz-form-title link-button', 'aria-current': selected ? undefined : 'true', onClick: () => select(null) }, state.head.title || '（没有名称）'),
      h('span', { class: `tag ${wrong ? 'danger' : 'ok'}` }, wrong ? `${wrong} 处错误` : '没有错误'),
      h('div', { class: 'row', role: 'toolbar', 'aria-label': '撤销和重做' },
        h(Button, { disabled: !history.canUndo, title: 'Ctrl+Z', onClick: () => turn(history.undo()) }, '撤销'),
        h(Button, { disabled: !history.canRedo, title: 'Ctrl+Y', onClick: () => turn(history.redo()) }, '重做')),
      h('p', { class: 'dz-notice', role: 'status', 'aria-live': 'polite' }, notice)),
    h('div', { class: 'dz-columns-of-page' },
      h('div', { class: 'dz-left' },
        h(Palette, { disabled: !draft.editable, onAdd: (type) => {
          const after = selected && isKeyed(type) ? form.indexOf(state, selected) + 1 : state.items.length;
          added(form.add(state, type, after || state.items.length), `已添加${NAMES[type]}。`);
        } }),
        h(Structure, {
          state, selected, wrongAt, editable: draft.editable, onSelect: choose, onStep: step, onDrop: drop, onRemove: remove,
          onDuplicate: (id) => added(form.duplicate(state, id), '已复制。'),
        })),
      h(Preview, {
        html: look.html, said: look.said, stale: look.stale, steps: around.steps, place, onPlace: setPlace,
        picked: (selected && form.find(state, selected)?.raw.key) || '',
        onTyped: (answers) => {
          typed.current = answers;
          if (answers === null) ask();
        },
        onAct: (answers) => {
          typed.current = answers;
          ask(true);
        },
        onPick: (key) => {
          const item = state.items.find(({ raw }) => raw.key === key);
          if (item) select(item.id);
        },
      }),
      h(Inspector, { state, selected, problems: look.problems, around, act, editable: draft.editable })));
}
