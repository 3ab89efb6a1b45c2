// <details data-lazy="address"> fetches what it holds when it is opened for the first time.

/** Put a part of a page that the server renders into a place. Rejects where the server cannot be reached. */
export async function fill(place, address) {
  const before = place.firstElementChild;
  place.setAttribute('aria-busy', 'true');
  try {
    await place.ownerDocument.defaultView.htmx.ajax('GET', address, { source: place, target: place, swap: 'innerHTML' });
    if (place.firstElementChild === before) throw new Error('nothing came');
  } finally {
    place.removeAttribute('aria-busy');
  }
}

async function open(details) {
  if (details.dataset.lazyState) return;
  details.dataset.lazyState = 'asked';
  try {
    await fill(details.querySelector('[data-lazy-place]'), details.dataset.lazy);
  } catch {
    delete details.dataset.lazyState; // opening it again tries once more; the link inside still leads to the page
  }
}

export function installLazy(document) {
  // toggle does not bubble, but it is captured
  document.addEventListener('toggle', (event) => {
    if (event.target.matches?.('details[data-lazy][open]')) open(event.target);
  }, true);
}
