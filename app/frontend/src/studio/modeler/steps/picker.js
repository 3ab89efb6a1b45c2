// "添加法定环节": choose a step from the list of the law, and put it where it belongs.
import { pick } from '../pick.js';
import { spoken } from '../properties/limits.js';

class StepPicker {
  static $inject = ['studio', 'stepMaker', 'create', 'autoPlace', 'laneKeeper', 'selection', 'canvas', 'modeling', 'elementRegistry', 'directEditing'];

  constructor(studio, stepMaker, create, autoPlace, laneKeeper, selection, canvas, modeling, elementRegistry, directEditing) {
    Object.assign(this, { studio, stepMaker, create, autoPlace, laneKeeper, selection, canvas, modeling, elementRegistry, directEditing });
  }

  /** Which step? The kind of the procedure comes first. */
  async choose(title = '添加法定环节') {
    const { vocabulary, draft } = this.studio.workbench;
    await vocabulary.ready;
    const drawn = new Map();
    this.elementRegistry.forEach((element) => {
      const tag = element.businessObject?.get?.('xq:step');
      if (tag && element.type !== 'label') drawn.set(tag, true);
    });
    const kind = draft.kind?.();
    const groups = vocabulary.steps.map(({ kind: label, steps }) => ({
      label,
      options: steps.map((step) => ({ value: step, label: step.name, code: step.tag, detail: detail(step, vocabulary, drawn) })),
    }));
    if (kind) groups.sort((a, b) => Number(b.label === kind) - Number(a.label === kind));
    return pick({ title, label: '按名称、标签或者岗位查找环节', groups });
  }

  /** Choose a step and add it: after `source` if there is one, else where the mouse or the keyboard says. */
  async add(source = null) {
    const chosen = await this.choose();
    if (!chosen) return null;
    const shape = this.stepMaker.shape(chosen.value);
    if (!source && chosen.event.detail > 0) {
      this.create.start(chosen.event, shape, { hints: { autoSelect: [shape] } });
      return shape;
    }
    return this.put(shape, source, chosen.value.position);
  }

  /** Put a new shape after another (the selected one), or somewhere in sight; into the lane of its position. */
  put(shape, source = null, position = '') {
    const after = source ?? this.selected();
    let put = shape;
    if (after) put = this.autoPlace.append(after, shape) ?? shape;
    else this.place(shape);
    this.laneKeeper.settle(put, position);
    this.selection.select(put);
    this.canvas.scrollToElement(put, 80);
    return put;
  }

  selected() {
    const [element] = this.selection.get();
    return element?.businessObject?.$instanceOf('bpmn:FlowNode') && element.type !== 'bpmn:EndEvent' ? element : null;
  }

  /** Somewhere in sight, in the first lane or in the process itself. */
  place(shape) {
    const view = this.canvas.viewbox();
    const pool = this.elementRegistry.find((element) => element.type === 'bpmn:Participant');
    const inside = (low, high, wanted) => Math.min(Math.max(wanted, low), Math.max(low, high));
    const box = pool ?? { x: view.x, y: view.y, width: view.width, height: view.height };
    const x = inside(box.x + 120, box.x + box.width - 80, view.x + view.width / 2);
    const y = inside(box.y + 60, box.y + box.height - 60, view.y + view.height / 2);
    this.modeling.createShape(shape, { x, y }, pool ?? this.canvas.getRootElement());
  }
}

function detail(step, vocabulary, drawn) {
  const parts = [];
  if (drawn.has(step.tag)) parts.push('已在图中');
  if (step.position) parts.push(vocabulary.position(step.position)?.name ?? step.position);
  if (step.limit) parts.push(`${spoken(step.limit)}${step.advice ? '（建议）' : ''}`);
  if (step.basis) parts.push(step.basis);
  return parts.join(' · ');
}

export default StepPicker;
