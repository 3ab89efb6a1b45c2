// The studio's pages of document templates: templates/studio/papers.html and paper.html.
import './css/designer.css';
import './css/paper.css';
import { h, render } from 'preact';
import { openDraft } from './studio/draft.js';
import { Paper } from './studio/paper/app.js';

const host = document.querySelector('[data-paper]');

if (host) {
  const draft = await openDraft(document.querySelector('[data-draft]'));
  const { code, listUrl } = host.dataset;
  host.replaceChildren();
  render(h(Paper, { draft, code, listUrl }), host);
}
