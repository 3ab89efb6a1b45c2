// A search is answered in short pieces: where the first ones held nothing, the next is asked for without a click.
const PLACE = '[data-sought]';
const PIECES = 40;

/** The address of the next piece, where nothing has been found so far and more can be looked through. */
export function next(place) {
  if (!place || place.querySelector('[data-row]')) return '';
  return place.querySelector('a[data-continue]')?.href ?? '';
}

export function installGoOn(document, window) {
  let turn = 0;

  async function goOn() {
    const mine = ++turn;
    for (let pieces = 0; pieces < PIECES; pieces += 1) {
      const place = document.querySelector(PLACE);
      const url = next(place);
      if (!url) return;
      place.setAttribute('aria-busy', 'true');
      let answer;
      let fresh;
      try {
        answer = await window.fetch(url, { headers: { Accept: 'text/html' } });
        fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector(PLACE);
      } catch {
        answer = null;
      }
      if (mine !== turn || !place.isConnected) return;
      if (!answer?.ok || !fresh) {
        place.removeAttribute('aria-busy'); // the link is still there
        return;
      }
      place.replaceWith(document.adoptNode(fresh));
      window.history.replaceState(window.history.state, '', answer.url);
      if (fresh.querySelector('[data-row]')) document.dispatchEvent(new CustomEvent('inbox:changed'));
    }
  }

  document.addEventListener('inbox:changed', goOn);
  return goOn();
}
