// The palette: legal steps and positions first, then the few plain elements the engine runs.
import createModule from 'diagram-js/lib/features/create';
import paletteModule from 'diagram-js/lib/features/palette';
import Palette from 'diagram-js/lib/features/palette/Palette';
import connectModule from 'diagram-js/lib/features/global-connect';
import handModule from 'diagram-js/lib/features/hand-tool';
import lassoModule from 'diagram-js/lib/features/lasso-tool';
import spaceModule from 'bpmn-js/lib/features/space-tool';
import { plainTask } from '../kinds.js';
import lanes from '../lanes/module.js';
import steps from '../steps/module.js';

class PaletteProvider {
  static $inject = ['palette', 'create', 'elementFactory', 'spaceTool', 'lassoTool', 'handTool', 'globalConnect', 'stepPicker', 'lanePicker', 'studio'];

  constructor(palette, create, elementFactory, spaceTool, lassoTool, handTool, globalConnect, stepPicker, lanePicker, studio) {
    Object.assign(this, { create, elementFactory, spaceTool, lassoTool, handTool, globalConnect, stepPicker, lanePicker, studio });
    palette.registerProvider(this);
  }

  getPaletteEntries() {
    const { which } = this.studio;
    const tool = (className, title, shortcut, click) => ({ group: 'tools', className, title, shortcut, action: { click } });
    const shape = (group, className, title, options) => {
      const start = (event) => this.create.start(event, this.elementFactory.createShape(options));
      return { group, className, title, action: { dragstart: start, click: start, keyboard: () => this.stepPicker.put(this.elementFactory.createShape(options)) } };
    };
    const internal = which === 'internal';
    return {
      'hand-tool': tool('bpmn-icon-hand-tool', '移动画布', 'H', (event) => this.handTool.activateHand(event)),
      'lasso-tool': tool('bpmn-icon-lasso-tool', '框选', 'L', (event) => this.lassoTool.activateSelection(event)),
      'space-tool': tool('bpmn-icon-space-tool', '增减空间', 'S', (event) => this.spaceTool.activateSelection(event)),
      'global-connect-tool': tool('bpmn-icon-connection-multi', '连线', 'C', (event) => this.globalConnect.start(event)),
      'tool-separator': { group: 'tools', separator: true },
      'add-step': { group: 'law', className: 'studio-icon studio-icon-step', title: '添加法定环节', shortcut: 'N', action: { click: () => this.stepPicker.add() } },
      ...(internal ? { 'add-lane': { group: 'law', className: 'studio-icon studio-icon-lane', title: '添加岗位泳道', action: { click: () => this.lanePicker.add() } } } : {}),
      'law-separator': { group: 'law', separator: true },
      'create.start-event': shape('element', 'bpmn-icon-start-event-none', '添加开始事件', { type: 'bpmn:StartEvent' }),
      'create.milestone': shape('element', 'bpmn-icon-intermediate-event-none', '添加里程碑', { type: 'bpmn:IntermediateThrowEvent' }),
      ...(internal ? {
        'create.timer': shape('element', 'bpmn-icon-intermediate-event-catch-timer', '添加计时事件', { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: 'bpmn:TimerEventDefinition' }),
        'create.message': shape('element', 'bpmn-icon-intermediate-event-catch-message', '添加消息事件', { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: 'bpmn:MessageEventDefinition' }),
      } : {}),
      'create.end-event': shape('element', 'bpmn-icon-end-event-none', '添加结束事件', { type: 'bpmn:EndEvent' }),
      'create.exclusive-gateway': shape('element', 'bpmn-icon-gateway-xor', '添加排他网关', { type: 'bpmn:ExclusiveGateway' }),
      'create.parallel-gateway': shape('element', 'bpmn-icon-gateway-parallel', '添加并行网关', { type: 'bpmn:ParallelGateway' }),
      'create.inclusive-gateway': shape('element', 'bpmn-icon-gateway-or', '添加包容网关', { type: 'bpmn:InclusiveGateway' }),
      ...(internal ? { 'create.event-gateway': shape('element', 'bpmn-icon-gateway-eventbased', '添加事件网关', { type: 'bpmn:EventBasedGateway' }) } : {}),
      'create.task': shape('element', internal ? 'bpmn-icon-user-task' : 'bpmn-icon-task', internal ? '添加人工办理任务' : '添加任务', { type: plainTask(which) }),
      ...(internal ? { 'create.service-task': shape('element', 'bpmn-icon-service-task', '添加自动任务', { type: 'bpmn:ServiceTask' }) } : {}),
      'create.sub-process': { group: 'element', className: 'bpmn-icon-subprocess-expanded', title: '添加子流程', action: { dragstart: (event) => this.subProcess(event), click: (event) => this.subProcess(event), keyboard: () => this.stepPicker.put(this.elementFactory.createShape({ type: 'bpmn:SubProcess', isExpanded: true })) } },
      ...(internal ? { 'create.call': shape('element', 'bpmn-icon-call-activity', '添加调用流程', { type: 'bpmn:CallActivity' }) } : {}),
      'create.annotation': shape('element', 'bpmn-icon-text-annotation', '添加批注文字', { type: 'bpmn:TextAnnotation' }),
    };
  }

  subProcess(event) {
    const subProcess = this.elementFactory.createShape({ type: 'bpmn:SubProcess', x: 0, y: 0, isExpanded: true });
    const start = this.elementFactory.createShape({ type: 'bpmn:StartEvent', x: 40, y: 82, parent: subProcess });
    this.create.start(event, [subProcess, start], { hints: { autoSelect: [subProcess] } });
  }
}

/** The palette stands beside the drawing, not on it. */
class StudioPalette extends Palette {
  static $inject = [...Palette.$inject, 'studio'];

  constructor(...services) {
    super(...services.slice(0, -1));
    this.host = services.at(-1).paletteHost;
  }

  _getParentContainer() { return this.host; }
}

/** The palette by keyboard: Tab reaches it, arrows move in it, Enter acts; new elements then find a place by themselves. */
class PaletteKeys {
  static $inject = ['eventBus', 'palette', 'studio'];

  constructor(eventBus, palette, studio) {
    let container = null;
    const entries = () => [...container.querySelectorAll('.entry')];
    const reach = (entry) => entries().forEach((each) => { each.tabIndex = each === entry ? 0 : -1; });
    eventBus.on(['palette.create', 'palette.changed'], ({ container: made }) => {
      container = made ?? container;
      if (!container) return;
      container.setAttribute('role', 'toolbar');
      container.setAttribute('aria-orientation', 'vertical');
      container.setAttribute('aria-label', studio.which === 'internal' ? '内部流程绘图工具' : '外部流程绘图工具');
      setTimeout(() => reach(entries()[0])); // the entries are drawn after this event
    });
    eventBus.on('palette.create', () => container.addEventListener('keydown', (event) => {
      const all = entries();
      const at = all.indexOf(event.target.closest('.entry'));
      const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (at < 0 || !(by || event.key === 'Enter' || event.key === ' ')) return;
      event.preventDefault();
      if (by) {
        const next = all[(at + by + all.length) % all.length];
        reach(next);
        next.focus();
        return;
      }
      const entry = palette.getEntries()[all[at].dataset.action];
      (entry.action.keyboard ?? entry.action.click)(event);
    }));
  }
}

export default {
  __depends__: [paletteModule, createModule, spaceModule, lassoModule, handModule, connectModule, steps, lanes],
  __init__: ['paletteKeys', 'paletteProvider'],
  palette: ['type', StudioPalette],
  paletteKeys: ['type', PaletteKeys],
  paletteProvider: ['type', PaletteProvider],
};
