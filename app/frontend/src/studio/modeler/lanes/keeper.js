// Lanes are positions: which lane an element is in, and how it gets into another.

const STRIP = 30;
const MARGIN = 20;

const isLane = (element) => element.type === 'bpmn:Lane';
const overlaps = (a, b, gap) => a.x < b.x + b.width + gap && b.x < a.x + a.width + gap && a.y < b.y + b.height + gap && b.y < a.y + a.height + gap;

const inside = (shape, lane) => shape.y >= lane.y && shape.y + shape.height <= lane.y + lane.height;

class LaneKeeper {
  static $inject = ['elementRegistry', 'modeling', 'commandStack', 'canvas', 'selection', 'studio'];

  constructor(elementRegistry, modeling, commandStack, canvas, selection, studio) {
    Object.assign(this, { elementRegistry, modeling, commandStack, canvas, selection, studio });
  }

  /** The innermost lanes from top to bottom. */
  lanes() {
    const found = this.elementRegistry.filter((element) => isLane(element) && !element.children.some(isLane));
    return found.sort((a, b) => a.y - b.y);
  }

  laneOf(element) {
    const shape = element.host ?? element;
    return this.lanes().find((lane) => (lane.businessObject.flowNodeRef ?? []).includes(shape.businessObject)) ?? null;
  }

  /** The lane of a position, if it is drawn. */
  lane(position) {
    return this.lanes().find((lane) => lane.businessObject.get('xq:position') === position) ?? null;
  }

  /** The positions that have no lane yet. */
  missing() {
    const drawn = new Set(this.lanes().map((lane) => lane.businessObject.get('xq:position')));
    return this.studio.workbench.vocabulary.positions.filter((position) => !drawn.has(position.key));
  }

  /** Put an element into the lane of a position where that lane is drawn; otherwise it stays where it is. */
  settle(shape, position) {
    const now = this.laneOf(shape);
    const lane = (position && this.lane(position)) || now;
    if (lane && (now !== lane || !inside(shape, lane))) this.move(shape, lane);
  }

  /** Move an element into a lane: same column, at the nearest place where nothing stands. */
  move(shape, lane) {
    const { x, y } = this.room(shape, lane);
    if (y + shape.height + MARGIN > lane.y + lane.height) {
      const more = y + shape.height + MARGIN - lane.y - lane.height;
      this.modeling.resizeLane(lane, { x: lane.x, y: lane.y, width: lane.width, height: lane.height + more }, false);
    }
    const after = this.room(shape, lane);
    this.modeling.moveElements([shape], { x: after.x - shape.x, y: after.y - shape.y }, lane);
  }

  room(shape, lane) {
    const others = this.elementRegistry.filter((element) => element !== shape && element.parent && !element.waypoints && element.type !== 'label' && !isLane(element)
      && element.type !== 'bpmn:Participant' && !this.holds(element, shape) && element.host !== shape && element.hidden !== true);
    const middle = lane.y + (lane.height - shape.height) / 2;
    const left = Math.max(shape.x, lane.x + STRIP + MARGIN);
    const rows = [middle];
    for (let away = 20; away <= lane.height; away += 20) rows.push(middle + away, middle - away);
    const fits = (y) => y >= lane.y + MARGIN / 2 && y + shape.height <= lane.y + lane.height - MARGIN / 2;
    for (let x = left; x < left + 400; x += 20) {
      const y = rows.find((row) => (fits(row) || row === middle && lane.height < shape.height + MARGIN) && !others.some((other) => overlaps({ x, y: row, width: shape.width, height: shape.height }, other, 10)));
      if (y !== undefined) return { x, y: Math.max(y, lane.y + MARGIN / 2) };
    }
    return { x: left, y: Math.max(middle, lane.y + MARGIN / 2) };
  }

  holds(element, shape) {
    for (let parent = shape.parent; parent; parent = parent.parent) if (parent === element) return true;
    return false;
  }

  /** Add a lane for a position, above or below a lane or the whole pool, as one undoable step. */
  add(position, beside, where = 'bottom') {
    this.commandStack.execute('studio.addPositionLane', { position, beside, where });
  }

  setPosition(lane, position) {
    this.modeling.updateProperties(lane, { name: position.name, 'xq:position': position.key });
  }
}

/** Adding a lane and saying whose it is are one step. */
export class AddPositionLane {
  static $inject = ['modeling', 'elementRegistry'];

  constructor(modeling, elementRegistry) {
    Object.assign(this, { modeling, elementRegistry });
  }

  preExecute(context) {
    const { position, beside, where } = context;
    const first = beside.type === 'bpmn:Participant' && !beside.children.some(isLane);
    const before = new Set(this.elementRegistry.filter(isLane));
    if (first) {
      context.made = this.modeling.createShape({ type: 'bpmn:Lane', isHorizontal: true }, { x: beside.x + STRIP, y: beside.y, width: beside.width - STRIP, height: beside.height }, beside);
    } else {
      this.modeling.addLane(beside, where);
      context.made = this.elementRegistry.find((element) => isLane(element) && !before.has(element));
    }
    this.modeling.updateProperties(context.made, { name: position.name, 'xq:position': position.key });
  }

  postExecute() {}
}

export default LaneKeeper;
