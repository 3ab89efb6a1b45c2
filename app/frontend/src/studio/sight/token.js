const SVG = 'http://www.w3.org/2000/svg';

/** The points a token passes along the flows of a way. */
export function points(elements, way) {
  return way.flatMap((id) => elements.get(id)?.waypoints ?? []).map(({ x, y }) => ({ x, y }));
}

/** Where on a line of points a share of its whole length is reached. */
export function along(line, share) {
  const lengths = line.slice(1).map((point, n) => Math.hypot(point.x - line[n].x, point.y - line[n].y));
  let left = lengths.reduce((sum, one) => sum + one, 0) * share;
  for (const [n, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const part = left / length;
      return { x: line[n].x + (line[n + 1].x - line[n].x) * part, y: line[n].y + (line[n + 1].y - line[n].y) * part };
    }
    left -= length;
  }
  return line.at(-1);
}

/** Let a token run along a way once. Nobody needs to see it: the markers say the same. */
export function travel(viewer, way, duration) {
  const line = points(viewer.get('elementRegistry'), way);
  if (line.length < 2) return;
  const layer = viewer.get('canvas').getLayer('replay', 5);
  layer.querySelectorAll('.replay-token').forEach((earlier) => earlier.remove());
  const token = document.createElementNS(SVG, 'circle');
  token.setAttribute('class', 'replay-token');
  token.setAttribute('r', '9');
  layer.append(token);
  const began = performance.now();
  const step = (at) => {
    const share = Math.min((at - began) / duration, 1);
    const place = along(line, Math.max(share, 0));
    token.setAttribute('cx', place.x);
    token.setAttribute('cy', place.y);
    if (share < 1 && token.isConnected) requestAnimationFrame(step);
    else token.remove();
  };
  requestAnimationFrame(step);
}
