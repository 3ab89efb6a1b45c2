// The page: the tables of the draft, the chosen one with its editor, and what the server says about all of them.
import { html } from 'htm/preact';
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { RuleText } from '../rules/text.js';
import { TableEditor } from './editor.js';

const SETTLE = 300;
const pathOf = (name) => `tables/${name}.dmn`;
const nameOf = (path) => path.slice('tables/'.length, -'.dmn'.length);

/** The section `tables` of the rules as a mapping, whichever of its two forms it has. */
const remarks = (raw) => (Array.isArray(raw) ? Object.fromEntries(raw.map((name) => [name, {}])) : { ...(raw ?? {}) });

export function openTables(host, draft) {
  host.replaceChildren();
  render(html`<${Page} draft=${draft} host=${host} />`, host);
}

/** What the server says of the draft as it stands in this page, a moment after each change. */
function useAccount(draft, url) {
  const [account, setAccount] = useState(null);
  const [failed, setFailed] = useState('');
  const [version, setVersion] = useState(0);
  const running = useRef(null);
  useEffect(() => {
    let timer = null;
    const ask = async () => {
      running.current?.abort();
      const control = running.current = new AbortController();
      try {
        setAccount(await draft.post(url, { changes: draft.changes }, { signal: control.signal }));
        setFailed('');
      } catch (error) {
        if (error.name !== 'AbortError') setFailed(error.message);
      }
    };
    const end = draft.on('change', (change) => {
      if (change.by !== 'me') setVersion((number) => number + 1);
      clearTimeout(timer);
      timer = setTimeout(ask, SETTLE);
    });
    ask();
    return () => { end(); clearTimeout(timer); };
  }, [draft, url]);
  return { account, failed, version };
}

function Page({ draft, host }) {
  const { account, failed, version } = useAccount(draft, 'tables/check');
  const names = draft.paths('tables/', '.dmn').map(nameOf);
  const [chosen, setChosen] = useState(names.includes(host.dataset.name) ? host.dataset.name : names[0] ?? '');
  const [, redraw] = useState(0);
  const choose = (name) => {
    setChosen(name);
    history.replaceState(null, '', name ? draft.url(`tables/${encodeURIComponent(name)}`) : draft.url('tables'));
  };
  const rules = new RuleText(draft.text('rules.yaml') ?? '');
  const name = names.includes(chosen) ? chosen : names[0] ?? '';
  const told = account?.tables[name];
  const declare = (table, change) => {
    if (rules.fault) return;
    const before = rules.get(['tables']);
    const after = change(remarks(before));
    const bare = Array.isArray(before) && Object.values(after).every((said) => !said || !Object.keys(said).length);
    rules.set(['tables'], Object.keys(after).length ? (bare ? Object.keys(after) : after) : undefined);
    draft.set('rules.yaml', rules.toString());
    redraw((number) => number + 1);
  };
  const remove = () => {
    declare(name, ({ [name]: _, ...rest }) => rest);
    draft.set(pathOf(name), null);
    choose(names.find((other) => other !== name) ?? '');
  };
  return html`
    <div class="tables-page">
      <aside class="tables-side" aria-label="决策表列表">
        <h2>决策表</h2>
        ${names.length ? html`<ul class="tables-list">${names.map((each) => html`
          <li key=${each}><a href=${draft.url(`tables/${encodeURIComponent(each)}`)} aria-current=${each === name ? 'page' : null}
            onClick=${(event) => { event.preventDefault(); choose(each); }}>
            <span>${account?.tables[each]?.title ?? each}</span><small>${each}</small>
            <${Count} problems=${account?.tables[each]?.problems} /></a></li>`)}</ul>`
    : html`<p class="muted">还没有决策表。</p>`}
        ${draft.editable && html`<${NewTable} draft=${draft} skeletons=${JSON.parse(host.dataset.skeletons)} names=${names}
          onMade=${(made, text) => {
      draft.set(pathOf(made), text);
      declare(made, (all) => ({ ...all, [made]: all[made] ?? {} }));
      choose(made);
    }} />`}
      </aside>
      <section class="tables-main" aria-label="决策表内容">
        ${failed && html`<div class="notice danger" role="alert"><p>暂时不能检查：${failed}</p></div>`}
        ${(rules.fault || account?.rules_error) && html`<div class="notice danger"><p>${rules.fault || account.rules_error}</p></div>`}
        ${account?.general.map((message) => html`<div class="notice danger"><p>${message}</p></div>`)}
        ${name ? html`<${TableEditor} key=${`${name}:${version}`} name=${name} path=${pathOf(name)} draft=${draft} told=${told} names=${account?.names}
          remarks=${remarks(rules.get(['tables']))[name]} onRemark=${(said) => declare(name, (all) => ({ ...all, [name]: said }))}
          onUse=${() => declare(name, (all) => ({ ...all, [name]: {} }))} onRemove=${remove} />`
    : html`<div class="empty card"><strong>这个流程还没有决策表</strong>决策表按行写明“什么情形，得什么结论”，例如重大执法决定目录、裁量档次。在左侧新建。</div>`}
      </section>
    </div>`;
}

function Count({ problems }) {
  const blocking = problems?.filter((problem) => problem.severity === 'block').length ?? 0;
  if (!problems) return null;
  return blocking ? html`<span class="tag danger">${blocking} 处须改正</span>` : html`<span class="tag ok">没有空档和重叠</span>`;
}

function NewTable({ draft, skeletons, names, onMade }) {
  const [error, setError] = useState('');
  const make = async (event) => {
    event.preventDefault();
    const { kind, name } = Object.fromEntries(new FormData(event.target));
    const word = name.trim();
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(word)) return setError('请填写英文代码：以字母开头，只含字母、数字、下划线和连字符。');
    if (names.includes(word)) return setError('已有这一代码的决策表，请换一个。');
    try {
      const { text } = await draft.post('tables/skeleton', { changes: draft.changes, kind, name: word });
      setError('');
      event.target.reset();
      onMade(word, text);
    } catch (refused) { setError(refused.message); }
    return undefined;
  };
  return html`
    <form class="tables-new" onSubmit=${make}>
      <h3>新建决策表</h3>
      <div class="field"><label for="new-kind">从哪种骨架开始</label>
        <select id="new-kind" name="kind">${skeletons.map(([kind, words]) => html`<option value=${kind}>${words}</option>`)}</select></div>
      <div class=${`field${error ? ' wrong' : ''}`}><label for="new-name">代码</label>
        <span class="hint" id="new-name-hint">英文，例如 major、fine_tiers</span>
        <input id="new-name" name="name" maxlength="40" autocomplete="off" aria-describedby="new-name-hint new-name-error" aria-invalid=${error ? 'true' : null} />
        <span class="field-error" id="new-name-error" role="alert">${error}</span></div>
      <button class="button">新建</button>
    </form>`;
}
