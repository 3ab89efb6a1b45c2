// What is dropped on a flow gets room: everything behind it moves on, as far as needed and in the same act.
import modeling from 'bpmn-js/lib/features/modeling';
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import spaceTool from 'diagram-js/lib/features/space-tool';

const AFTER_INSERTING = 400;
const APART = 40;
const SAME_ROW = 30;

const middle = (shape) => shape.y + shape.height / 2;

class RoomForInserted extends CommandInterceptor {
  static $inject = ['eventBus', 'spaceTool', 'elementRegistry', 'modeling'];

  constructor(eventBus, space, elementRegistry, modelling) {
    super(eventBus);
    Object.assign(this, { space, elementRegistry, modelling });
    this.postExecuted('shape.create', AFTER_INSERTING, ({ context }) => {
      if (context.targetFlow) this.part(context.shape);
    });
  }

  /** Push what follows aside and put the shape in the middle, where its flow runs along a row. */
  part(shape) {
    const [before, after] = [shape.incoming[0]?.source, shape.outgoing[0]?.target];
    if (!before || !after || Math.abs(middle(before) - middle(after)) > SAME_ROW) return;
    const from = before.x + before.width;
    if (after.x < from) return; // it leads back
    const lacking = Math.ceil((shape.width + 2 * APART - (after.x - from)) / 10) * 10;
    if (lacking > 0) {
      const start = after.x - 1;
      const all = this.elementRegistry.filter((element) => element.parent && !element.waypoints && element !== shape);
      const { movingShapes, resizingShapes } = this.space.calculateAdjustments(all, 'x', lacking, start);
      this.space.makeSpace(movingShapes, resizingShapes, { x: lacking, y: 0 }, 'e', start);
    }
    const x = from + (after.x - from - shape.width) / 2;
    this.modelling.moveElements([shape], { x: Math.round(x - shape.x), y: Math.round(middle(before) - middle(shape)) });
  }
}

export default {
  __depends__: [modeling, spaceTool],
  __init__: ['roomForInserted'],
  roomForInserted: ['type', RoomForInserted],
};
