// The pad beside a selected element: what comes next, by the law; then connecting, changing, removing.
import contextPadModule from 'bpmn-js/lib/features/context-pad';
import ContextPadProvider from 'bpmn-js/lib/features/context-pad/ContextPadProvider';
import { plainTask } from '../kinds.js';
import lanes from '../lanes/module.js';
import steps from '../steps/module.js';

const KEPT = new Set(['append.end-event', 'append.gateway', 'append.message-intermediate-event', 'append.timer-intermediate-event', 'append.text-annotation', 'connect', 'replace', 'delete']);

class StudioPad extends ContextPadProvider {
  static $inject = [...ContextPadProvider.$inject, 'studio', 'stepPicker', 'lanePicker'];

  constructor(...services) {
    super(...services.slice(0, -3));
    [this.studio, this.stepPicker, this.lanePicker] = services.slice(-3);
  }

  getContextPadEntries(element) {
    const usual = super.getContextPadEntries(element);
    const kept = Object.fromEntries(Object.entries(usual).filter(([name]) => KEPT.has(name)));
    if (element.type === 'label') return kept;
    const bo = element.businessObject;
    const goesOn = 'append.end-event' in kept;
    return {
      ...(goesOn ? { 'append.step': this.entry('studio-icon studio-icon-step', '接着添加法定环节', () => this.stepPicker.add(element)) } : {}),
      ...(goesOn ? { 'append.task': this.append(plainTask(this.studio.which) === 'bpmn:Task' ? 'bpmn-icon-task' : 'bpmn-icon-user-task', '接着添加任务', { type: plainTask(this.studio.which) }) } : {}),
      ...kept,
      ...(bo.$instanceOf('bpmn:Activity') && this.studio.which === 'internal' ? this.attachments(element) : {}),
      ...(usual['lane-insert-above'] && this.studio.which === 'internal' ? this.laneEntries(element) : {}),
    };
  }

  entry(className, title, click, group = 'model') {
    return { group, className, title, action: { click } };
  }

  append(className, title, options) {
    const start = (event, element) => this._create.start(event, this._elementFactory.createShape(options), { source: element });
    const place = (_, element) => this._autoPlace.append(element, this._elementFactory.createShape(options));
    return { group: 'model', className, title, action: { dragstart: start, click: place } };
  }

  attachments(element) {
    const attach = (definition) => () => {
      const shape = this._elementFactory.createShape({ type: 'bpmn:BoundaryEvent', eventDefinitionType: definition });
      const taken = element.attachers.length;
      this._modeling.createShape(shape, { x: element.x + element.width - 22 - 44 * (taken % 2), y: element.y + element.height }, element, { attach: true });
    };
    return {
      'attach.timer': this.entry('bpmn-icon-intermediate-event-catch-non-interrupting-timer', '挂接期限边界事件', attach('bpmn:TimerEventDefinition'), 'attach'),
      'attach.message': this.entry('bpmn-icon-intermediate-event-catch-non-interrupting-message', '挂接消息边界事件', attach('bpmn:MessageEventDefinition'), 'attach'),
    };
  }

  laneEntries(element) {
    const add = (where) => () => this.lanePicker.add(element, where);
    return {
      'lane-insert-above': this.entry('bpmn-icon-lane-insert-above', '在上方添加岗位泳道', add('top'), 'lane-insert-above'),
      'lane-insert-below': this.entry('bpmn-icon-lane-insert-below', '在下方添加岗位泳道', add('bottom'), 'lane-insert-below'),
    };
  }
}

export default { __depends__: [contextPadModule, steps, lanes], contextPadProvider: ['type', StudioPad] };
