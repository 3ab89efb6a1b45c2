// How many tasks wait for me, beside the way to the inbox and in the title of the tab. Asked when the page opens, when
// one comes back to it, and every minute while it is looked at; what was known last stands there meanwhile.
const EVERY = 60_000; // milliseconds
const KNOWN = 'xq.badge';

/** The number as it is shown: counted up to 999. */
export function shown(count) {
  return count > 999 ? '999+' : String(count);
}

/** What the badge says to somebody who hears it. */
export function spoken({ open, urgent }) {
  return `待办 ${shown(open)} 项${urgent ? `，其中急办 ${urgent} 项` : ''}`;
}

/** The title of the tab with the number before it. */
export function titled(title, { open }) {
  const plain = title.replace(/^\(\d+\+?\) /, '');
  return open ? `(${shown(open)}) ${plain}` : plain;
}

function show(document, count) {
  const place = document.querySelector('[data-badge]');
  if (!place) return;
  place.hidden = !count.open;
  place.textContent = shown(count.open);
  place.classList.toggle('urgent', count.urgent > 0);
  if (count.urgent) place.textContent += ` · 急 ${count.urgent}`;
  place.setAttribute('aria-label', spoken(count));
  place.title = spoken(count);
  document.title = titled(document.title, count);
}

export function installBadge(document, window) {
  const place = document.querySelector('[data-badge]');
  if (!place) return;
  const store = window.sessionStorage;
  const key = `${KNOWN}:${place.dataset.person}`;
  const known = store.getItem(key);
  if (known) show(document, JSON.parse(known));
  let asking = false;
  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await window.fetch(place.dataset.badge, { headers: { Accept: 'application/json' } });
      if (!answer.ok) return;
      const count = await answer.json();
      store.setItem(key, JSON.stringify(count));
      show(document, count);
    } catch {
      // away from the network: what was known last stays
    } finally {
      asking = false;
    }
  };
  window.addEventListener('focus', ask);
  document.addEventListener('visibilitychange', ask);
  document.addEventListener('inbox:changed', ask);
  window.setInterval(ask, EVERY);
  ask();
}
