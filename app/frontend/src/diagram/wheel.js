/** The wheel scrolls the page as everywhere; sideways (or with Shift) it moves the drawing, with Ctrl it zooms. */
export function wheel(viewer, host) {
  const canvas = viewer.get('canvas');
  host.addEventListener('wheel', (event) => {
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey) {
      const frame = host.getBoundingClientRect();
      const scale = Math.min(Math.max(canvas.zoom() * (event.deltaY < 0 ? 1.1 : 1 / 1.1), 0.2), 4);
      canvas.zoom(scale, { x: event.clientX - frame.left, y: event.clientY - frame.top });
    } else if (Math.abs(sideways) > (event.shiftKey ? 0 : Math.abs(event.deltaY))) {
      canvas.scroll({ dx: -sideways, dy: 0 });
    } else {
      return;
    }
    event.preventDefault();
  }, { passive: false });
}
