// One act, one click: a second click while the first is under way does nothing. (The server answers a repeated
// request with its first result; this only spares people the doubt.)

export function submitOnce(form) {
  let under = false;
  form.addEventListener('submit', (event) => {
    if (event.submitter?.formTarget === '_blank') return; // a look at it in another window is no act
    if (under) {
      event.preventDefault();
      return;
    }
    under = true;
    // a page kept in the browser's history must work when one comes back to it
    setTimeout(() => { under = false; }, 4000);
  });
}
