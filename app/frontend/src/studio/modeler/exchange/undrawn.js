// bpmn-js writes only the drawing of what it shows. What a file draws beside that (processes without a pool, elements it
// does not know how to show) stays in the file all the same.
import { getDi } from 'bpmn-js/lib/util/ModelUtil';
import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';

const AFTER_ORDERING = 1000;

class KeepUndrawn {
  static $inject = ['eventBus', 'canvas'];

  constructor(eventBus, canvas) {
    let kept = new Map();
    eventBus.on('import.done', () => {
      kept = new Map(canvas.getRootElements().map((root) => {
        const drawn = new Set(selfAndAllChildren([root], false).map(getDi));
        return [getDi(root), (getDi(root)?.planeElement ?? []).filter((di) => !drawn.has(di))];
      }));
    });
    eventBus.on('saveXML.start', AFTER_ORDERING, () => {
      for (const [plane, others] of kept) plane?.get('planeElement').push(...others.filter((di) => !plane.planeElement.includes(di)));
    });
  }
}

export default { __init__: ['keepUndrawn'], keepUndrawn: ['type', KeepUndrawn] };
