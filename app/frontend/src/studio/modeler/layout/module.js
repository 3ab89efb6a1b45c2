// "自动排版" of a diagram that is open, as one undoable step.
import modeling from 'bpmn-js/lib/features/modeling';
import { getExternalLabelMid } from 'bpmn-js/lib/util/LabelUtil';
import { layOut } from './whole.js';

const GEOMETRY = ['x', 'y', 'width', 'height'];

class LayOutCommand {
  static $inject = ['bpmnUpdater'];

  constructor(bpmnUpdater) { this.bpmnUpdater = bpmnUpdater; }

  execute(context) {
    const { boxes, lines } = context;
    context.before = { boxes: [...boxes.keys()].map((shape) => [shape, pickGeometry(shape)]), lines: [...lines.keys()].map((edge) => [edge, edge.waypoints]) };
    return this.apply([...boxes], [...lines]);
  }

  revert({ before }) { return this.apply(before.boxes, before.lines); }

  apply(boxes, lines) {
    for (const [shape, box] of boxes) {
      Object.assign(shape, box);
      this.bpmnUpdater.updateBounds(shape);
    }
    for (const [edge, points] of lines) {
      edge.waypoints = points;
      this.bpmnUpdater.updateConnectionWaypoints(edge);
    }
    return [...boxes.map(([shape]) => shape), ...lines.map(([edge]) => edge)];
  }
}

const pickGeometry = (shape) => Object.fromEntries(GEOMETRY.map((name) => [name, shape[name]]));

class AutoLayout {
  static $inject = ['commandStack', 'elementRegistry', 'bpmnjs', 'canvas'];

  constructor(commandStack, elementRegistry, bpmnjs, canvas) {
    Object.assign(this, { commandStack, elementRegistry, bpmnjs, canvas });
    commandStack.registerHandler('studio.layOut', LayOutCommand);
  }

  /** Lay the whole diagram out anew. Sub-processes that are closed stay closed. */
  run() {
    const shapeOf = (bo) => this.elementRegistry.get(bo.id);
    const found = layOut(this.bpmnjs.getDefinitions(), {
      sizeOf: (bo) => sizeOf(shapeOf(bo)),
      expanded: (bo) => shapeOf(bo) && !shapeOf(bo).collapsed,
      labelOf: (bo) => (shapeOf(bo)?.labels?.length ? sizeOf(shapeOf(bo).labels[0]) : undefined),
    });
    const boxes = new Map();
    const lines = new Map();
    for (const [id, box] of found.shapes) {
      const shape = this.elementRegistry.get(id);
      if (shape) boxes.set(shape, rounded(box));
    }
    for (const [id, points] of found.edges) {
      const edge = this.elementRegistry.get(id);
      if (edge) lines.set(edge, points.map((point) => ({ x: Math.round(point.x), y: Math.round(point.y) })));
    }
    for (const [element, label] of labels(boxes, lines, found.labels)) boxes.set(element, label);
    this.commandStack.execute('studio.layOut', { boxes, lines });
  }
}

/** Labels that stand outside follow what they name. */
function* labels(boxes, lines, places) {
  for (const [shape, box] of [...boxes]) {
    for (const label of shape.labels ?? []) {
      yield [label, { ...pickGeometry(label), x: Math.round(box.x + box.width / 2 - label.width / 2), y: Math.round(box.y + box.height + 6) }];
    }
  }
  for (const [edge, points] of lines) {
    for (const label of edge.labels ?? []) {
      const place = places.get(edge.businessObject.id);
      if (place) {
        yield [label, rounded({ ...place, width: label.width, height: label.height })];
        continue;
      }
      const middle = getExternalLabelMid({ ...edge, waypoints: points });
      yield [label, { ...pickGeometry(label), x: Math.round(middle.x - label.width / 2), y: Math.round(middle.y - label.height / 2) }];
    }
  }
}

const sizeOf = (shape) => (shape ? { width: shape.width, height: shape.height } : { width: 100, height: 80 });
const rounded = (box) => Object.fromEntries(GEOMETRY.map((name) => [name, Math.round(box[name])]));

export default { __depends__: [modeling], __init__: ['autoLayout'], autoLayout: ['type', AutoLayout] };
