// Where the panel of a tour stands: below what it speaks of, else above, else in the middle.
const GAP = 12;

/** The place of a panel of a size beside a target in a window; all in pixels of the window. */
export function beside(target, panel, window) {
  const across = Math.min(Math.max(GAP, target.left), Math.max(GAP, window.width - panel.width - GAP));
  const below = target.bottom + GAP;
  if (below >= GAP && below + panel.height <= window.height) return { left: across, top: below };
  const above = target.top - GAP - panel.height;
  if (above >= 0 && target.top <= window.height) return { left: across, top: above };
  return { left: across, top: Math.max(GAP, window.height - panel.height - GAP) };
}

export function place(window, target, spot, panel) {
  const view = { width: window.document.documentElement.clientWidth, height: window.innerHeight };
  const size = panel.getBoundingClientRect();
  const box = target?.getBoundingClientRect();
  spot.hidden = !box;
  let at = { left: Math.max(GAP, (view.width - size.width) / 2), top: Math.max(GAP, (view.height - size.height) / 3) };
  if (box) {
    const shown = { left: Math.max(box.left, 4), top: Math.max(box.top, 4), right: Math.min(box.right, view.width - 4), bottom: Math.min(box.bottom, view.height - 4) };
    spot.style.left = `${shown.left - 4}px`;
    spot.style.top = `${shown.top - 4}px`;
    spot.style.width = `${shown.right - shown.left + 8}px`;
    spot.style.height = `${Math.max(shown.bottom - shown.top, 0) + 8}px`;
    at = beside(shown, size, view);
  }
  panel.style.left = `${at.left}px`;
  panel.style.top = `${at.top}px`;
}
