// The documents a task issues: which, when, under which condition.
import { ConditionField } from '../conditions/builder.js';
import { Group, SelectField } from './fields.js';
import { html } from './html.js';

const WHEN = [
  { value: 'complete', label: '办完本环节时' }, { value: 'open', label: '到达本环节时' }, { value: 'demand', label: '办理中需要时，由办理人制作' },
];

export function Documents({ element, model }) {
  const { documents: known, attributes } = model.vocabulary;
  const documents = model.documents(element);
  const options = known.map(({ code, title }) => ({ value: code, label: `${title}（${code}）` }));
  const forms = model.vocabulary.forms.map(({ key, title }) => ({ value: key, label: `${title}（${key}）` }));
  const disabled = !model.editable;
  const taken = new Set(documents.map((each) => each.code));
  const next = known.find(({ code }) => !taken.has(code)) ?? known[0];
  return html`<${Group} title="产生的文书" count=${documents.length || ''}>
    ${documents.map((document, index) => html`<fieldset class="prop-item" key=${index}>
      <legend>${known.find(({ code }) => code === document.code)?.title ?? document.code ?? '（未选择文书）'}</legend>
      <${SelectField} label="文书" value=${document.code ?? ''} options=${options} disabled=${disabled} unknown="没有模板" onChange=${(code) => model.setDocument(element, document, { code })} />
      <${SelectField} label="何时产生" value=${document.when ?? 'complete'} options=${WHEN} empty=${null} disabled=${disabled} onChange=${(when) => model.setDocument(element, document, when === 'demand' ? { when } : { when, form: undefined })} />
      ${document.when === 'demand' && html`<${SelectField} label="制作时填写的表单" value=${document.form ?? ''} options=${forms} disabled=${disabled} unknown="不在草稿的表单中" onChange=${(form) => model.setDocument(element, document, { form })} />`}
      <${ConditionField} label="仅在下列条件成立时产生" value=${document.get('if') ?? ''} attributes=${attributes} disabled=${disabled} onChange=${(text) => model.setDocument(element, document, { if: text })} />
      ${!disabled && html`<button type="button" class="button small" onClick=${() => model.setDocument(element, document, null)}>移除这份文书</button>`}
    </fieldset>`)}
    ${!disabled && (next ? html`<button type="button" class="button small" onClick=${() => model.setDocument(element, null, { code: next.code, when: 'complete' })}>添加文书</button>` : html`<p class="hint">草稿中还没有文书模板，请先在“文书”页新建。</p>`)}
  <//>`;
}
