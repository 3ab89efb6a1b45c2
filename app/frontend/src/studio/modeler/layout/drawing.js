// The drawing part of a BPMN file (BPMN DI), written anew from a layout.

/** Give the definitions one diagram with everything that the layout knows. Whatever drawing was there is replaced. */
export function draw(moddle, definitions, { root, shapes, edges, labels = new Map() }) {
  if (!root) return;
  const elements = [];
  const known = byId(definitions);
  for (const [id, box] of shapes) {
    const bo = known.get(id);
    const horizontal = /Participant$|Lane$/.test(bo.$type) ? { isHorizontal: true } : {};
    const open = bo.$instanceOf('bpmn:SubProcess') ? { isExpanded: true } : {};
    elements.push(moddle.create('bpmndi:BPMNShape', {
      id: `${id}_di`, bpmnElement: bo, bounds: moddle.create('dc:Bounds', rounded(box)), ...horizontal, ...open,
    }));
  }
  for (const [id, points] of edges) {
    const place = labels.get(id);
    const label = place && moddle.create('bpmndi:BPMNLabel', { bounds: moddle.create('dc:Bounds', rounded(place)) });
    elements.push(moddle.create('bpmndi:BPMNEdge', {
      id: `${id}_di`, bpmnElement: known.get(id), waypoint: points.map((point) => moddle.create('dc:Point', { x: Math.round(point.x), y: Math.round(point.y) })), ...(label ? { label } : {}),
    }));
  }
  const plane = moddle.create('bpmndi:BPMNPlane', { id: `${root.id}_plane`, bpmnElement: root, planeElement: elements });
  const diagram = moddle.create('bpmndi:BPMNDiagram', { id: `${root.id}_diagram`, plane });
  for (const element of elements) {
    element.$parent = plane;
    if (element.bounds) element.bounds.$parent = element;
    if (element.label) {
      element.label.$parent = element;
      element.label.bounds.$parent = element.label;
    }
    for (const point of element.waypoint ?? []) point.$parent = element;
  }
  plane.$parent = diagram;
  diagram.$parent = definitions;
  definitions.diagrams = [diagram];
}

const rounded = ({ x, y, width, height }) => ({ x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) });

/** Every element that can be drawn, by id. */
function byId(definitions) {
  const found = new Map();
  const lanes = (set) => {
    for (const lane of set.lanes ?? []) {
      found.set(lane.id, lane);
      if (lane.childLaneSet) lanes(lane.childLaneSet);
    }
  };
  const scope = (holder) => {
    for (const bo of [...holder.flowElements ?? [], ...holder.artifacts ?? [], ...holder.participants ?? [], ...holder.messageFlows ?? []]) {
      found.set(bo.id, bo);
      for (const data of [...bo.dataInputAssociations ?? [], ...bo.dataOutputAssociations ?? []]) found.set(data.id, data);
      if (bo.flowElements) scope(bo);
    }
    for (const set of holder.laneSets ?? []) lanes(set);
  };
  for (const root of definitions.rootElements ?? []) scope(root);
  return found;
}

/** Whether the file says where its elements stand. */
export const isDrawn = (definitions) => (definitions.diagrams ?? []).some((diagram) => diagram.plane?.planeElement?.length);
