// Going to places in the texts, and moving through their passages by keyboard. Places are counted in characters of a
// passage, whose only content is its text.
const PASSAGE = '[data-passage]';

/** The characters of a passage before a point of the document in it. */
export function offsetIn(passage, node, offset) {
  const range = document.createRange();
  range.setStart(passage, 0);
  range.setEnd(node, offset);
  return range.toString().length;
}

const passageOf = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(PASSAGE);

/** What is selected within one passage: the passage, where it begins, its words; null where nothing can be quoted. */
export function quoted(selection, bench) {
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const passage = passageOf(range.startContainer);
  if (!passage || !bench.contains(passage)) return null;
  const last = passageOf(range.endContainer) === passage;
  const start = offsetIn(passage, range.startContainer, range.startOffset);
  const end = last ? offsetIn(passage, range.endContainer, range.endOffset) : passage.textContent.length;
  const text = passage.textContent.slice(start, end);
  return text.trim() ? { passage, start, text } : null;
}

export const sourceOf = (passage) => passage.closest('[data-source]').dataset.source;

export function installPlaces(bench, reveal) {
  const readers = [ ...bench.querySelectorAll('[data-reader]') ];

  function roving(reader) {
    const passages = [ ...reader.querySelectorAll(PASSAGE) ];
    if (!passages.length || passages.some((each) => each.tabIndex === 0)) return;
    for (const each of passages) each.tabIndex = -1;
    passages[0].tabIndex = 0;
  }

  function stand(passage) {
    const reader = passage.closest('[data-reader]');
    for (const each of reader.querySelectorAll(`${PASSAGE}[tabindex="0"]`)) each.tabIndex = -1;
    passage.tabIndex = 0;
    passage.focus({ preventScroll: true });
    passage.scrollIntoView({ block: 'nearest' });
  }

  function refresh() {
    for (const reader of readers) {
      for (const each of reader.querySelectorAll(`${PASSAGE}:not([tabindex])`)) each.tabIndex = -1;
      roving(reader);
    }
  }

  for (const reader of readers) {
    reader.addEventListener('keydown', (event) => {
      const passage = event.target.closest?.(PASSAGE);
      const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
      if (!passage || event.target !== passage || !step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const passages = [ ...reader.querySelectorAll(PASSAGE) ].filter((each) => each.offsetParent !== null);
      const next = passages[passages.indexOf(passage) + step];
      event.preventDefault();
      event.stopPropagation();
      if (next) stand(next);
    });
  }

  function go(id, at) {
    const target = document.getElementById(id);
    if (!target) return false;
    reveal(target);
    const passage = at ? target.querySelector(`[data-passage="${CSS.escape(at)}"]`) : passageOf(target);
    const place = passage || target;
    if (passage) stand(passage);
    else (target.querySelector('h3[tabindex]') || target).focus({ preventScroll: true });
    (at ? place : target).scrollIntoView({ block: at || target.matches('mark') ? 'center' : 'start' });
    place.classList.add('is-found');
    setTimeout(() => place.classList.remove('is-found'), 1600);
    return true;
  }

  bench.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-go]');
    if (link && go(link.getAttribute('href').slice(1), link.dataset.at)) event.preventDefault();
  });
  refresh();
  return { go, refresh, stand };
}
