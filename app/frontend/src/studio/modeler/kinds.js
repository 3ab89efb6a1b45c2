// Which elements the engine runs (docs/procedures.md "Elements"): no others are offered.

const NONE = '';
const EVENTS = {
  'bpmn:StartEvent': [NONE],
  'bpmn:EndEvent': [NONE, 'bpmn:TerminateEventDefinition'],
  'bpmn:IntermediateThrowEvent': [NONE],
  'bpmn:IntermediateCatchEvent': ['bpmn:MessageEventDefinition', 'bpmn:TimerEventDefinition'],
  'bpmn:BoundaryEvent': ['bpmn:MessageEventDefinition', 'bpmn:TimerEventDefinition'],
};
const OTHERS = {
  internal: ['bpmn:UserTask', 'bpmn:ManualTask', 'bpmn:ServiceTask', 'bpmn:CallActivity'],
  external: ['bpmn:Task', 'bpmn:UserTask', 'bpmn:ServiceTask'],
};
const BOTH = ['bpmn:SubProcess', 'bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ParallelGateway', 'bpmn:EventBasedGateway'];

/** Whether an element of a kind may be drawn in the internal or external diagram. */
export function runs({ type, eventDefinitionType = NONE, triggeredByEvent, isExpanded }, which) {
  if (EVENTS[type]) return EVENTS[type].includes(eventDefinitionType);
  if (type === 'bpmn:SubProcess' && (triggeredByEvent || isExpanded === false)) return false;
  return BOTH.includes(type) || OTHERS[which].includes(type);
}

/** The kind of a plain task in a diagram: the external one says nothing about who does it. */
export const plainTask = (which) => (which === 'internal' ? 'bpmn:UserTask' : 'bpmn:Task');

const NAMES = {
  'bpmn:UserTask': '人工办理任务', 'bpmn:ManualTask': '线下办理任务', 'bpmn:ServiceTask': '自动任务', 'bpmn:Task': '任务', 'bpmn:CallActivity': '调用流程',
  'bpmn:SubProcess': '子流程', 'bpmn:ExclusiveGateway': '排他网关', 'bpmn:InclusiveGateway': '包容网关', 'bpmn:ParallelGateway': '并行网关',
  'bpmn:EventBasedGateway': '事件网关', 'bpmn:StartEvent': '开始事件', 'bpmn:EndEvent': '结束事件', 'bpmn:IntermediateThrowEvent': '里程碑',
  'bpmn:IntermediateCatchEvent': '等待事件', 'bpmn:BoundaryEvent': '边界事件', 'bpmn:SequenceFlow': '顺序流', 'bpmn:Lane': '泳道', 'bpmn:Participant': '泳池',
  'bpmn:Process': '流程', 'bpmn:Collaboration': '协作', 'bpmn:TextAnnotation': '批注文字', 'bpmn:Association': '关联线', 'bpmn:MessageFlow': '消息流',
  'bpmn:Group': '分组框', 'bpmn:DataObjectReference': '数据对象', 'bpmn:DataStoreReference': '数据存储', 'bpmn:ScriptTask': '脚本任务',
  'bpmn:SendTask': '发送任务', 'bpmn:ReceiveTask': '接收任务', 'bpmn:BusinessRuleTask': '业务规则任务', 'bpmn:ComplexGateway': '复杂网关',
  'bpmn:Transaction': '事务子流程', 'bpmn:AdHocSubProcess': '即席子流程', 'bpmn:DataInputAssociation': '数据关联', 'bpmn:DataOutputAssociation': '数据关联',
};
const TYPED = {
  'bpmn:TimerEventDefinition': '计时', 'bpmn:MessageEventDefinition': '消息', 'bpmn:TerminateEventDefinition': '终止', 'bpmn:SignalEventDefinition': '信号',
  'bpmn:ErrorEventDefinition': '错误', 'bpmn:EscalationEventDefinition': '升级', 'bpmn:CompensateEventDefinition': '补偿', 'bpmn:ConditionalEventDefinition': '条件',
  'bpmn:LinkEventDefinition': '链接', 'bpmn:CancelEventDefinition': '取消',
};

/** What an element is called by its kind, such as 计时边界事件. */
export function kindName(bo) {
  const [definition] = bo.eventDefinitions ?? [];
  const name = NAMES[bo.$type] ?? '元素';
  if (!definition) return name;
  return (TYPED[definition.$type] ?? '') + (bo.$type.startsWith('bpmn:Intermediate') ? '事件' : name);
}
