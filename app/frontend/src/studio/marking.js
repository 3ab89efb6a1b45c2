// Signs and colours that features lay on a diagram. What one feature shows is replaced as a whole; it never touches
// what another shows, and an id that the diagram does not have is passed over.

/** The place of a sign at an element: at a corner of a shape, in the middle of a connection. */
export function placeOf(element, corner) {
  if (!element.waypoints) return corner;
  const points = element.waypoints;
  const left = Math.min(...points.map(({ x }) => x));
  const top = Math.min(...points.map(({ y }) => y));
  const { x, y } = middle(points);
  return { left: x - left - 8, top: y - top - 8 };
}

/** The point half way along a line. */
export function middle(points) {
  const lengths = points.slice(1).map((point, n) => Math.hypot(point.x - points[n].x, point.y - points[n].y));
  let rest = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [n, length] of lengths.entries()) {
    if (rest <= length && length > 0) {
      const share = rest / length;
      return { x: points[n].x + (points[n + 1].x - points[n].x) * share, y: points[n].y + (points[n + 1].y - points[n].y) * share };
    }
    rest -= length;
  }
  return points[0];
}

export class Marking {
  #colours = new Map();

  /** `viewer`: a bpmn-js editor or viewer; `kind`: whose signs these are. */
  constructor(viewer, kind) {
    this.viewer = viewer;
    this.kind = kind;
  }

  /** Show these signs (`{ id, node, corner }`) and no others of this kind. */
  signs(signs) {
    const overlays = this.viewer.get('overlays');
    const elements = this.viewer.get('elementRegistry');
    overlays.remove({ type: this.kind });
    for (const { id, node, corner } of signs) {
      const element = elements.get(id);
      if (element?.parent) overlays.add(element, this.kind, { position: placeOf(element, corner), html: node });
    }
  }

  /** Give elements (id → class name) their colours, and take them from all others. */
  colours(wanted) {
    const canvas = this.viewer.get('canvas');
    const elements = this.viewer.get('elementRegistry');
    for (const [id, name] of this.#colours) {
      if (elements.get(id) && wanted.get(id) !== name) this.#each(elements, id, (element) => canvas.removeMarker(element, name));
    }
    for (const [id, name] of wanted) {
      if (elements.get(id)) this.#each(elements, id, (element) => canvas.addMarker(element, name));
    }
    this.#colours = new Map(wanted);
  }

  clear() {
    this.signs([]);
    this.colours(new Map());
  }

  /** An element and the label that stands beside it. */
  #each(elements, id, act) {
    for (const element of [elements.get(id), elements.get(`${id}_label`)]) if (element) act(element);
  }
}
