// Picking rows: a box each, a span with shift, x for the row one is in, and all of the page.
/** The boxes between two, both included. */
export function span(boxes, from, to) {
  const [a, b] = [boxes.indexOf(from), boxes.indexOf(to)].sort((x, y) => x - y);
  return a < 0 ? [] : boxes.slice(a, b + 1);
}

export function installPicking(document) {
  let last = null;
  const boxes = () => [...document.querySelectorAll('[data-pick]')];

  function tell() {
    const all = boxes();
    const picked = all.filter((box) => box.checked);
    for (const box of all) box.closest('[data-row]').classList.toggle('picked', box.checked);
    const whole = document.querySelector('[data-pick-all]');
    if (!whole) return;
    whole.closest('label').hidden = false;
    whole.checked = all.length > 0 && picked.length === all.length;
    whole.indeterminate = picked.length > 0 && picked.length < all.length;
    document.querySelector('[data-picked]').textContent = picked.length ? `已选 ${picked.length} 项` : '全选本页';
  }

  document.addEventListener('click', (event) => {
    const box = event.target.closest?.('[data-pick]');
    if (box) {
      if (event.shiftKey && last?.isConnected) for (const one of span(boxes(), last, box)) one.checked = box.checked;
      last = box;
      tell();
    }
    if (event.target.closest?.('[data-pick-all]')) {
      for (const one of boxes()) one.checked = event.target.checked;
      tell();
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key.toLowerCase() !== 'x' || document.querySelector('dialog[open]')) return;
    if (event.target.closest?.('input:not([type="checkbox"]), textarea, select')) return;
    const box = event.target.closest?.('[data-row]')?.querySelector('[data-pick]');
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
    if (event.shiftKey && last?.isConnected) for (const one of span(boxes(), last, box)) one.checked = box.checked;
    last = box;
    tell();
  });

  document.addEventListener('inbox:changed', () => {
    last = null;
    tell();
  });
  tell();
}
