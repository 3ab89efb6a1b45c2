// Makes forms quicker; none of them needs it. Every <form data-form> whose body was rendered by app/forms gets
// conditions, rows, 大写, hints for identity codes and drafts. No inline style, no eval: the CSP allows neither.
import { refresh } from './forms/visibility.js';
import { startRows } from './forms/rows.js';
import { hintAt } from './forms/hints.js';
import { forgetSubmitted, startDrafts } from './forms/drafts.js';
import { submitOnce } from './forms/submitting.js';
import { startUploads } from './forms/uploads.js';

const started = new WeakSet();

export function start(form) {
  const body = form.querySelector('[data-form-body]');
  if (!body || started.has(body)) return;
  started.add(body);
  // what a page without script needs goes out of the way
  for (const element of body.querySelectorAll('[data-without-script]')) element.hidden = true;
  startRows(body);
  const changed = (event) => {
    refresh(body);
    hintAt(body, event && event.target);
  };
  body.addEventListener('input', changed);
  body.addEventListener('change', changed);
  changed();
  startDrafts(form, body, changed);
  submitOnce(form);
  const summary = body.querySelector('[data-error-summary]');
  if (summary) summary.focus();
}

/** The error summary leads to a control; a hash alone would scroll but not focus inside a fieldset. */
function follow(event) {
  const link = event.target instanceof Element && event.target.closest('[data-error-summary] a[href^="#"]');
  const target = link && document.getElementById(link.getAttribute('href').slice(1));
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView({ block: 'center' });
  target.focus({ preventScroll: true });
}

const sending = new WeakSet();

export function startAll(root = document) {
  const forms = root.querySelectorAll('form[data-form]');
  forgetSubmitted(forms);
  for (const form of root.querySelectorAll('form[data-uploads]')) {
    if (sending.has(form)) continue;
    sending.add(form);
    startUploads(form, () => form.querySelector('input[name="_csrf"]')?.value || '');
  }
  for (const form of forms) start(form);
}

document.addEventListener('click', follow);
document.addEventListener('htmx:after:swap', () => startAll());
startAll();
