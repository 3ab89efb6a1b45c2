// Legal steps as elements: a step brings its name, tag, duty, time and basis with it.
import { plainTask } from '../kinds.js';

const TYPES = { user: 'bpmn:UserTask', service: 'bpmn:ServiceTask', message: 'bpmn:IntermediateCatchEvent', timer: 'bpmn:IntermediateCatchEvent' };

/** The attributes a step brings, by diagram. The external one is about the law, not about who does it. */
export function traits(step, which) {
  const all = which === 'external'
    ? { step: step.tag, basis: step.basis, limit: step.statutory ?? (step.advice ? undefined : step.limit) }
    : { step: step.tag, duty: step.duty, basis: step.basis, verb: step.verb, officers: step.officers, limit: step.limit, from: step.element === 'timer' ? step.from : undefined, action: step.action };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => [`xq:${name}`, value]));
}

/** An id that says what it is: legal_review, legal_review_2, ... */
function idFor(tag, moddle) {
  const word = tag.replace(/[^a-z0-9]+/gi, '_');
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? word : `${word}_${number}`;
    if (!moddle.ids.assigned(id)) return id;
  }
}

class StepMaker {
  static $inject = ['elementFactory', 'bpmnFactory', 'moddle', 'studio'];

  constructor(elementFactory, bpmnFactory, moddle, studio) {
    Object.assign(this, { elementFactory, bpmnFactory, moddle, studio });
  }

  /** A new shape for a step, not yet in the diagram. */
  shape(step) {
    const { which } = this.studio;
    const type = which === 'external' ? plainTask(which) : TYPES[step.element ?? 'user'];
    const id = idFor(step.tag, this.moddle);
    const businessObject = this.bpmnFactory.create(type, { id, name: step.name, ...traits(step, which) });
    this.moddle.ids.claim(id, businessObject);
    const definition = which === 'internal' && { timer: 'bpmn:TimerEventDefinition', message: 'bpmn:MessageEventDefinition' }[step.element];
    const shape = this.elementFactory.createShape({ type, businessObject, ...(definition ? { eventDefinitionType: definition } : {}) });
    if (step.element === 'timer' && definition) {
      const [timer] = businessObject.eventDefinitions;
      timer.timeDuration = this.bpmnFactory.create('bpmn:FormalExpression', { body: step.limit });
      timer.timeDuration.$parent = timer;
    }
    return shape;
  }
}

export default StepMaker;
