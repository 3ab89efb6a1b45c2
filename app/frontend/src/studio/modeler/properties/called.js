// What a call activity calls: chosen by its name, pinned in the draft, shown, and taken over anew where it has a newer edition.
import { showCalled } from '../called/viewer.js';
import { Group, LimitField, SelectField } from './fields.js';
import { html } from './html.js';

const pathOf = (key) => `called/${key}.bpmn`;

/** Put a called process, and what it calls in turn, into the draft; what the draft has already stays, except with `anew`. */
function take(model, key, anew = false, seen = new Set()) {
  const found = model.vocabulary.callable(key);
  if (!found || seen.has(key)) return;
  seen.add(key);
  if (found.text !== null && (anew || !model.workbench.draft.has(pathOf(key)))) model.workbench.draft.set(pathOf(key), found.text);
  for (const inner of found.calls) take(model, inner, anew, seen);
}

function Task({ element, model, task }) {
  const own = model.own(element, task.node);
  const disabled = !model.editable;
  const forms = model.vocabulary.forms.map(({ key, title }) => ({ value: key, label: `${title}（${key}）` }));
  const usual = forms.find(({ value }) => value === task.form)?.label ?? task.form;
  return html`<fieldset class="prop-item"><legend>${task.name}</legend>
    <${SelectField} label="本流程使用的表单" value=${own?.form ?? ''} options=${forms} empty=${usual ? `按被调用流程：${usual}` : '按被调用流程'} disabled=${disabled} unknown="不在草稿的表单中" onChange=${(form) => model.setOwn(element, task.node, { form })} />
    <${LimitField} label="本流程的办理时限" value=${own?.limit ?? ''} disabled=${disabled} hint=${task.limit ? '不填的按被调用流程的时限。' : ''} onChange=${(limit) => model.setOwn(element, task.node, { limit })} />
    ${own?.documents === 'own' && html`<p class="hint">文书：${(own.papers ?? []).map(({ code }) => model.vocabulary.documents.find((each) => each.code === code)?.title ?? code).join('、') || '不产生'}</p>`}
  </fieldset>`;
}

export function Called({ element, model }) {
  const { draft } = model.workbench;
  const key = element.businessObject.calledElement ?? '';
  const found = model.vocabulary.callable(key);
  const pinned = draft.text(pathOf(key));
  const newer = Boolean(key && found && found.text !== null && pinned !== undefined && pinned !== found.text);
  const options = model.vocabulary.called.map((each) => ({ value: each.key, label: each.name }));
  const choose = (value) => {
    take(model, value);
    model.set(element, { calledElement: value });
    const chosen = model.vocabulary.callable(value);
    if (chosen && !element.businessObject.name) model.rename(element, chosen.name);
  };
  return html`<${Group} title="被调用流程">
    <${SelectField} label="调用的流程" value=${key} options=${options} disabled=${!model.editable} unknown="不存在" hint="发布时固定为现在的版本，以后的新版本须在草稿中采用、重新证明、送审后才生效。" onChange=${choose} />
    ${!key && html`<p class="field-error">还没有选择被调用流程。</p>`}
    ${key && found && pinned === undefined && html`<p class="field-error">草稿中没有这个被调用流程的内容。${model.editable && html`<button type="button" class="link-button" onClick=${() => take(model, key)}>加入草稿</button>`}</p>`}
    ${newer && html`<div class="notice warn called-newer"><p><strong>有新版本</strong>：本平台的“${found.name}”已经更新，草稿仍用原来的版本。</p>
      ${model.editable && html`<button type="button" class="button small" onClick=${() => take(model, key, true)}>采用新版本</button>`}
      <button type="button" class="button small" onClick=${() => showCalled(`${found.name}（新版本）`, found.text)}>查看新版本</button></div>`}
    ${pinned !== undefined && html`<p><button type="button" class="button small" onClick=${() => showCalled(found?.name ?? key, pinned)}>查看流程图</button></p>`}
    ${(found?.tasks ?? []).map((task) => html`<${Task} key=${task.node} element=${element} model=${model} task=${task} />`)}
  <//>`;
}
