// The page of rules: a list of sections, the chosen one as forms, and what the server says about every entry.
import { html } from 'htm/preact';
import { render } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { send } from '../draft.js';
import { Section } from './section.js';
import { RuleText } from './text.js';

const PATH = 'rules.yaml';
const CHECK = 350;
const REMEMBER = 100;

export async function openRules(host, draft) {
  const schema = await send(host.dataset.schemaUrl);
  host.replaceChildren();
  render(html`<${Page} draft=${draft} schema=${schema} host=${host} />`, host);
}

/** The rule set in this page, its past, and what the server finds. */
function useRules(draft) {
  const [, redraw] = useState(0);
  const again = () => redraw((number) => number + 1);
  const [account, setAccount] = useState(null);
  const [failed, setFailed] = useState('');
  const state = useRef(null);
  state.current ??= { text: new RuleText(draft.text(PATH) ?? ''), past: [], future: [], group: null, control: null, timer: null };
  const { current } = state;
  const ask = async () => {
    current.control?.abort();
    current.control = new AbortController();
    try {
      setAccount(await draft.post('rules/check', { changes: draft.changes }, { signal: current.control.signal }));
      setFailed('');
    } catch (error) { if (error.name !== 'AbortError') setFailed(error.message); }
  };
  useEffect(() => {
    const end = draft.on('change', ({ path, by }) => {
      if (path === PATH && by !== 'me') {
        current.text = new RuleText(draft.text(PATH) ?? '');
        current.past = [];
        current.future = [];
        again();
      }
      clearTimeout(current.timer);
      current.timer = setTimeout(ask, CHECK);
    });
    ask();
    return () => { end(); clearTimeout(current.timer); };
  }, [draft]);
  const keep = (written) => { draft.set(PATH, written); again(); };
  /** Put `value` at `path`, or do `act` with the text; edits of one `group` in a row are undone together. */
  const edit = (path, value, group = null, act = null, after = null) => {
    if (!draft.editable) return;
    const before = draft.text(PATH);
    if (act) act(current.text);
    else current.text.set(path, value);
    const written = current.text.toString();
    if (written !== before) {
      if (!group || current.group !== group) current.past = [...current.past.slice(-REMEMBER), before];
      current.group = group;
      current.future = [];
      keep(written);
    }
    after?.();
  };
  const step = (from, to) => {
    if (!current[from].length) return;
    current[to] = [...current[to], draft.text(PATH)];
    const written = current[from].at(-1);
    current[from] = current[from].slice(0, -1);
    current.group = null;
    current.text = new RuleText(written);
    keep(written);
  };
  return {
    text: current.text, account, failed, edit,
    undo: () => step('past', 'future'), redo: () => step('future', 'past'),
    canUndo: current.past.length > 0, canRedo: current.future.length > 0,
  };
}

const hash = () => decodeURIComponent(location.hash.slice(1));

function Page({ draft, schema, host }) {
  const rules = useRules(draft);
  const { text, account } = rules;
  const [chosen, setChosen] = useState(hash() || 'basics');
  const known = useMemo(() => new Set(schema.sections.flatMap((section) => (section.name ? [section.name] : section.fields.map((field) => field.name)))), [schema]);
  useEffect(() => {
    const follow = () => setChosen(hash() || 'basics');
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const others = Object.keys(text.value).filter((name) => !known.has(name));
  const problems = account?.problems ?? [];
  const section = schema.sections.find((each) => (each.name || 'basics') === chosen);
  const keys = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches('input, textarea')) return;
    const key = event.key.toLowerCase();
    const act = key === 'z' && !event.shiftKey ? rules.undo : key === 'y' || key === 'z' ? rules.redo : null;
    if (act) { event.preventDefault(); act(); }
  };
  if (text.fault) {
    return html`<div class="card rules-fault"><h2>规则</h2><p class="field-error" role="alert">${text.fault}</p>
      <p>可以在“版本”中恢复以前的内容，或者请懂技术的同事导入改正后的文件。</p><pre class="source" tabindex="0">${draft.text(PATH) ?? ''}</pre></div>`;
  }
  const whole = problems.filter((problem) => problem.section === '' && !problem.field);
  return html`<div class="rules-page" onKeyDown=${keys}>
    <nav class="rules-side" aria-label="规则的各部分">
      ${schema.groups.map((group) => html`<h2>${group.title}</h2><ul>${schema.sections.filter((each) => each.group === group.name).map((each) => html`
        <${Item} key=${each.name} section=${each} count=${countOf(text.value, each)} chosen=${chosen} wrong=${problems.filter((problem) => problem.section === each.name && (each.name || problem.field)).length} />`)}</ul>`)}
      <h2>其他</h2><ul><li><a href="#text" aria-current=${chosen === 'text' ? 'page' : null}>文本${others.length > 0 && html`<span class="count">${others.length}</span>`}</a></li></ul>
    </nav>
    <div class="rules-main">
      ${draft.editable && html`<div class="rules-tools" role="group" aria-label="编辑">
        <button type="button" class="button small" disabled=${!rules.canUndo} onClick=${rules.undo}>撤销</button>
        <button type="button" class="button small" disabled=${!rules.canRedo} onClick=${rules.redo}>重做</button>
        <span class="rules-state" role="status">${rules.failed ? `暂时不能检查：${rules.failed}` : !account ? '正在检查……' : problems.length ? `${problems.length} 处须改正` : '规则没有问题'}</span></div>`}
      ${whole.map((problem) => html`<div class="notice danger"><p>${problem.message}</p></div>`)}
      ${chosen === 'tables' && html`<p class="muted">表的内容在<a href=${host.dataset.tablesUrl}>决策表</a>页编辑。</p>`}
      ${section ? html`<${Section} key=${chosen} section=${section} value=${section.name ? text.value[section.name] : text.value} problems=${problems} edit=${rules.edit}
        names=${account?.names} schema=${schema} readonly=${!draft.editable} />`
    : html`<${Source} text=${draft.text(PATH) ?? ''} others=${others} />`}
    </div></div>`;
}

function countOf(value, section) {
  if (!section.name || section.shape === 'fields') return null;
  const found = value[section.name];
  return Array.isArray(found) ? found.length : found ? Object.keys(found).length : 0;
}

function Item({ section, count, chosen, wrong }) {
  const name = section.name || 'basics';
  return html`<li><a href=${`#${name}`} aria-current=${chosen === name ? 'page' : null}>${section.title}
    ${count !== null && html`<span class="count">${count}</span>`}${wrong > 0 && html`<span class="tag danger" title="须改正">${wrong} 处</span>`}</a></li>`;
}

function Source({ text, others }) {
  const lines = text.split('\n').filter((line) => /^\s*#/.test(line)).length;
  return html`<section class="card" aria-labelledby="section-title"><h2 id="section-title">规则的文本（只读）</h2>
    <p class="muted">各部分的表格改的就是这份文本。名称的先后${lines ? `和 ${lines} 行以 # 开头的注释` : ''}照原样保留。</p>
    ${others.length > 0 && html`<p>表格不编辑、照原样保留的内容：${others.map((name) => html`<code>${name}</code> `)}</p>`}
    <pre class="source" tabindex="0" aria-label="规则的文本">${text}</pre></section>`;
}
