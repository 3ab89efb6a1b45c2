// The studio's page of rules: templates/studio/rules.html.
import './css/rules.css';
import { openDraft } from './studio/draft.js';
import { openRules } from './studio/rules/page.js';

const host = document.querySelector('[data-rules]');

if (host) await openRules(host, await openDraft(document.querySelector('[data-draft]')));
