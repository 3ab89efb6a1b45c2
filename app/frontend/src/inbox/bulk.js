// One act on many tasks in a dialog: what it asks for, what it causes, what became of each.
import { whereWas } from './lists.js';

export function installBulk(document, window, lists) {
  let changed = false;
  let was = null;
  const dialog = () => document.getElementById('bulk-dialog');

  async function send(form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    for (const one of form.querySelectorAll('button')) one.disabled = true;
    let answer;
    try {
      answer = await window.fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } });
    } catch {
      for (const one of form.querySelectorAll('button')) one.disabled = false;
      return { failed: true };
    }
    for (const one of form.querySelectorAll('button')) one.disabled = false;
    return { text: await answer.text() };
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, 'text/html');
    dialog().replaceChildren(...[...page.body.children].map((one) => document.adoptNode(one)));
    if (!dialog().open) dialog().showModal();
    dialog().querySelector('.error-summary a, [data-focus]')?.focus();
    if (dialog().querySelector('[data-changed]')) changed = true;
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form[data-bulk], form[data-bulk-act]');
    if (!form || event.submitter?.hasAttribute('data-plain')) return;
    event.preventDefault();
    if (form.matches('[data-bulk]')) was = whereWas(document);
    const answer = await send(form, event.submitter);
    if (answer.failed) {
      const told = document.createElement('p');
      told.setAttribute('role', 'alert');
      told.textContent = '没有送达，请检查网络后再试一次。再次提交不会重复办理。';
      form.prepend(told);
      return;
    }
    show(answer.text);
  });

  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('#bulk-dialog [data-close-dialog]');
    if (!link) return;
    event.preventDefault();
    dialog().close();
  });

  document.addEventListener(
    'close',
    (event) => {
      if (event.target !== dialog()) return;
      event.target.replaceChildren();
      if (changed) lists.load(window.location.href, { push: false, was: { ...was, swap: '' } });
      changed = false;
    },
    true,
  );
}
