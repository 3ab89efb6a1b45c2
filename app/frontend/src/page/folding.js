// Cards that open in place: closed at first on a phone, all opened at once by one button, and opened for paper.
const NARROW = '(max-width: 760px)';

/** What the button says next. */
export function unfoldLabel(open) {
  return open ? '全部收起' : '全部展开';
}

function unfoldAll(button) {
  const all = [...button.closest('[data-unfold]').querySelectorAll('details')];
  const open = all.some((details) => !details.open);
  for (const details of all) details.open = open;
  button.textContent = unfoldLabel(open);
}

export function installFolding(document, window) {
  if (window.matchMedia(NARROW).matches) {
    for (const details of document.querySelectorAll('details[data-fold]')) details.open = false;
  }
  for (const button of document.querySelectorAll('[data-unfold-all]')) {
    button.hidden = false;
    button.addEventListener('click', () => unfoldAll(button));
  }
  let opened = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details[data-print-open]:not([open]), details[data-fold]:not([open])')];
    for (const details of opened) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
}
