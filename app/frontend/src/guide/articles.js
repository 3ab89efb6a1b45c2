// A link to an article shows its words in a dialog; without a script, or with a modifier key, it is a link like others.
import { element } from './element.js';
import { fill } from './lazy.js';

function dialogOf(document) {
  const known = document.getElementById('article-dialog');
  if (known) return known;
  const make = (...given) => element(document, ...given);
  const dialog = make('dialog', { id: 'article-dialog', class: 'dialog article-dialog', 'aria-labelledby': 'article-dialog-title' },
    make('header', {}, make('h2', { id: 'article-dialog-title' }),
      make('form', { method: 'dialog' }, make('button', { class: 'button small' }, '关闭'))),
    make('div', { 'data-article-place': '', tabindex: '0' }));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  document.body.append(dialog);
  return dialog;
}

export function installArticles(document) {
  document.addEventListener('click', async (event) => {
    const link = event.target.closest?.('a[data-article]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const dialog = dialogOf(document);
    const place = dialog.querySelector('[data-article-place]');
    place.replaceChildren();
    try {
      await fill(place, link.getAttribute('href'));
    } catch {
      document.defaultView.location.assign(link.href);
      return;
    }
    dialog.querySelector('h2').textContent = `《${new URL(link.href).searchParams.get('law')}》`;
    dialog.showModal();
  });
}
