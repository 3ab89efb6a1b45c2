// Drawings that bpmn-js would refuse to show as a whole because of one part. Only the drawing is mended, never the process.

const list = (value) => value ?? [];
const HOLDERS = ['bpmn:Process', 'bpmn:Collaboration', 'bpmn:SubProcess'];

/** Mend the drawing of a file; answers in words what was done. */
export function mend(definitions) {
  const done = [];
  const roots = list(definitions.rootElements);
  const whole = roots.find((root) => root.$type === 'bpmn:Collaboration') ?? roots.find((root) => root.$type === 'bpmn:Process');
  const planes = list(definitions.diagrams).map((diagram) => diagram.plane).filter(Boolean);
  for (const plane of planes) {
    if (whole && !HOLDERS.some((type) => plane.bpmnElement?.$instanceOf(type))) {
      plane.bpmnElement = whole;
      done.push('图形没有说明属于哪个流程，已按文件中的流程显示。');
    }
  }
  const elements = planes.flatMap((plane) => list(plane.planeElement));
  const drawn = new Set(elements.map((element) => element.bpmnElement).filter((bo) => bo && bo.$type !== 'bpmn:DataObject')); // only references to data are drawn
  const ends = (bo) => [bo.sourceRef, bo.targetRef].flat().filter((end) => end?.$type);
  for (const plane of planes) {
    const loose = list(plane.planeElement).filter((element) => element.$type === 'bpmndi:BPMNEdge' && element.bpmnElement?.$instanceOf('bpmn:BaseElement')
      && ['bpmn:Association', 'bpmn:SequenceFlow', 'bpmn:MessageFlow'].some((type) => element.bpmnElement.$instanceOf(type)) && ends(element.bpmnElement).some((end) => !drawn.has(end)));
    if (!loose.length) continue;
    plane.planeElement = plane.planeElement.filter((element) => !loose.includes(element));
    done.push(`${loose.length} 条连线的一端没有图形，图上不显示，内容仍然保留。`);
  }
  return done;
}
