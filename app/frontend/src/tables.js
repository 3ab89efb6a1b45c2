// The studio's page of decision tables: templates/studio/tables.html.
import './css/tables.css';
import { openDraft } from './studio/draft.js';
import { openTables } from './studio/tables/page.js';

const host = document.querySelector('[data-tables]');

if (host) openTables(host, await openDraft(document.querySelector('[data-draft]')));
