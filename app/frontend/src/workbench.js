// The studio's page of diagrams: templates/studio/workbench.html.
import './css/workbench.css';
import { openDraft } from './studio/draft.js';
import { openWorkbench } from './studio/workbench.js';

const features = import.meta.glob('./studio/*/index.js', { eager: true });
const host = document.querySelector('[data-workbench]');

if (host) await openWorkbench(host, await openDraft(document.querySelector('[data-draft]')), features);
