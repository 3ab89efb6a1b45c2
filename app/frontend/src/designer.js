// The studio's pages of forms: templates/studio/forms.html and form.html.
import './css/designer.css';
import { h, render } from 'preact';
import { openDraft } from './studio/draft.js';
import { Designer } from './studio/designer/app.js';

const host = document.querySelector('[data-designer]');

if (host) {
  const draft = await openDraft(document.querySelector('[data-draft]'));
  const { formKey, listUrl } = host.dataset;
  host.replaceChildren();
  render(h(Designer, { draft, formKey, listUrl }), host);
}
