// After htmx replaced part of a page the focus goes where a person needs it: to the error summary, or to what
// the answer marks with data-focus.
export function installFocus(document) {
  const settle = (root) => root.querySelector?.('[data-error-summary], [data-focus]')?.focus();
  document.addEventListener('htmx:after:swap', () => settle(document));
  settle(document);
}
