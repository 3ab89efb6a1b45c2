// Links marked data-swap bring another list into the page: the address changes, the focus stays where it was.
const PLACE = '#inbox';

/** Where the focus goes in the new list: to the same control, else to the same row or its neighbour, else to the heading. */
export function focusAfter(root, was) {
  if (was.swap) {
    const same = root.querySelector(`[data-swap="${was.swap}"]`);
    if (same) return same;
  }
  const rows = [...root.querySelectorAll('[data-row]')];
  if (was.key || was.index >= 0) {
    const row = rows.find((one) => one.dataset.key === was.key) ?? rows[Math.min(Math.max(was.index, 0), rows.length - 1)];
    if (row) return row.querySelector('.main-cell a');
  }
  return null;
}

/** What has the focus, so that it can be found again. */
export function whereWas(document) {
  const active = document.activeElement;
  const row = active?.closest?.('[data-row]');
  const rows = [...document.querySelectorAll('[data-row]')];
  return {
    swap: active?.closest?.('[data-swap]')?.dataset.swap ?? '',
    key: row?.dataset.key ?? '',
    index: row ? rows.indexOf(row) : -1,
  };
}

export function installLists(document, window) {
  const place = () => document.querySelector(PLACE);
  let asked = 0;

  async function load(url, { push = true, was = whereWas(document), facets = false } = {}) {
    const turn = ++asked;
    place().setAttribute('aria-busy', 'true');
    const wanted = new URL(url, document.baseURI);
    if (facets) wanted.searchParams.set('panel', '1');
    let answer;
    try {
      answer = await window.fetch(wanted, { headers: { Accept: 'text/html' } });
    } catch {
      window.location.assign(url);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector(PLACE);
    if (turn !== asked) return;
    if (!answer.ok || !fresh) {
      window.location.assign(url);
      return;
    }
    document.title = page.title;
    place().replaceWith(document.adoptNode(fresh));
    const address = new URL(answer.url);
    if (push) window.history.pushState({ inbox: true }, '', address);
    const target = focusAfter(fresh, was);
    if (target) target.focus({ preventScroll: false });
    else {
      const heading = fresh.querySelector('h1');
      heading.tabIndex = -1;
      heading.focus();
    }
    document.dispatchEvent(new CustomEvent('inbox:changed'));
  }

  const open = () => !document.querySelector('[data-facets-place]')?.hidden;

  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.('a[data-swap]');
    if (link) {
      event.preventDefault();
      const tab = link.dataset.swap.startsWith('tab-');
      load(link.href, { facets: !tab && open(), was: { ...whereWas(document), swap: link.dataset.swap } });
      return;
    }
    const toggle = event.target.closest?.('a[data-facets]');
    if (toggle) {
      event.preventDefault();
      showFacets(toggle);
    }
  });

  document.addEventListener('submit', (event) => {
    const form = event.target.closest('form[data-swap-form]');
    if (!form) return;
    event.preventDefault();
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value) url.searchParams.append(name, value);
    load(url.href, { facets: true });
  });

  async function showFacets(toggle) {
    const panel = document.querySelector('[data-facets-place]');
    if (panel.hidden && !panel.childElementCount) {
      const answer = await window.fetch(toggle.dataset.facets, { headers: { 'HX-Request': 'true' } });
      if (!answer.ok) {
        window.location.assign(toggle.href);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      panel.replaceChildren(...[...page.body.children].map((one) => document.adoptNode(one)));
    }
    panel.hidden = !panel.hidden;
    toggle.setAttribute('aria-expanded', String(!panel.hidden));
    if (!panel.hidden) panel.querySelector('a, input')?.focus();
  }

  window.addEventListener('popstate', () => load(window.location.href, { push: false }));

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.('input:not([type="checkbox"]), textarea, select') || document.querySelector('dialog[open]')) return;
    if (event.key === 'f') {
      event.preventDefault();
      document.querySelector('a[data-facets]')?.click();
    }
    const step = { ']': 1, '[': -1 }[event.key];
    if (step) {
      const tabs = [...document.querySelectorAll('.tabs a')];
      const next = tabs[tabs.findIndex((tab) => tab.getAttribute('aria-current')) + step];
      if (next) {
        event.preventDefault();
        next.click();
      }
    }
  });

  return { load };
}
