// Reading and writing what a diagram says about an element. Every change is one undoable step.

export class Model {
  constructor(editor, which, workbench) {
    this.editor = editor;
    this.which = which;
    this.workbench = workbench;
    this.modeling = editor.get('modeling');
    this.factory = editor.get('bpmnFactory');
  }

  get editable() { return this.workbench.draft.editable; }

  get vocabulary() { return this.workbench.vocabulary; }

  /** The value of an attribute as text, '' where there is none. */
  value(element, name) { return element.businessObject.get(name) ?? ''; }

  /** Set attributes; '' removes one. Nothing happens where nothing changes. */
  set(element, values) {
    const bo = element.businessObject;
    const changed = Object.entries(values).map(([name, value]) => [name, value === '' ? undefined : value]).filter(([name, value]) => bo.get(name) !== value);
    if (changed.length) this.modeling.updateProperties(element, Object.fromEntries(changed));
  }

  rename(element, name) {
    if ((element.businessObject.name ?? '') !== name) this.modeling.updateLabel(element, name);
  }

  // ---- condition of a flow

  condition(element) { return element.businessObject.conditionExpression?.body ?? ''; }

  setCondition(element, text) {
    if (text === this.condition(element)) return;
    let expression;
    if (text) {
      expression = this.factory.create('bpmn:FormalExpression', { body: text });
      expression.$parent = element.businessObject;
    }
    this.modeling.updateProperties(element, { conditionExpression: expression });
  }

  // ---- event definitions

  definition(element, type) { return (element.businessObject.eventDefinitions ?? []).find((each) => each.$type === type) ?? null; }

  timer(element) { return this.definition(element, 'bpmn:TimerEventDefinition')?.timeDuration?.body ?? ''; }

  /** A timer lasts a time; how long it is announced on the task page is the same (`xq:limit` beside it, where it stands). */
  setTimer(element, text) {
    const definition = this.definition(element, 'bpmn:TimerEventDefinition');
    if (!definition || text === this.timer(element)) return;
    let duration;
    if (text) {
      duration = this.factory.create('bpmn:FormalExpression', { body: text });
      duration.$parent = definition;
    }
    this.modeling.updateModdleProperties(element, definition, { timeDuration: duration, timeDate: undefined, timeCycle: undefined });
    if (this.value(element, 'xq:limit')) this.set(element, { 'xq:limit': text });
  }

  message(element) { return this.definition(element, 'bpmn:MessageEventDefinition')?.messageRef?.name ?? ''; }

  setMessage(element, name) {
    const definition = this.definition(element, 'bpmn:MessageEventDefinition');
    if (!definition || name === this.message(element)) return;
    const roots = this.editor.getDefinitions().get('rootElements');
    const known = roots.find((root) => root.$type === 'bpmn:Message' && root.name === name);
    const message = name ? known ?? this.factory.create('bpmn:Message', { name }) : undefined;
    this.modeling.updateModdleProperties(element, definition, { messageRef: message });
  }

  // ---- documents

  documents(element) {
    return (element.businessObject.extensionElements?.get('values') ?? []).filter((value) => value.$type === 'xq:Document');
  }

  /** Change one document, add one (`document` null) or remove one (`values` null). */
  setDocument(element, document, values) {
    const bo = element.businessObject;
    if (document && values) {
      const clean = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === '' ? undefined : value]));
      if (Object.entries(clean).some(([name, value]) => document.get(name) !== value)) this.modeling.updateModdleProperties(element, document, clean);
      return;
    }
    const old = bo.extensionElements?.get('values') ?? [];
    const wrapper = this.factory.create('bpmn:ExtensionElements', { values: [] });
    const next = values ? [...old, this.factory.create('xq:Document', values)] : old.filter((value) => value !== document);
    wrapper.$parent = bo;
    wrapper.values = next;
    for (const value of next) value.$parent = wrapper;
    this.modeling.updateProperties(element, { extensionElements: next.length ? wrapper : undefined });
  }

  // ---- what a call says anew of a node of what it calls

  own(element, node) {
    return (element.businessObject.extensionElements?.get('values') ?? []).find((value) => value.$type === 'xq:With' && value.node === node) ?? null;
  }

  setOwn(element, node, values) {
    const bo = element.businessObject;
    const own = this.own(element, node);
    const clean = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === '' ? undefined : value]));
    if (own) {
      if (Object.entries(clean).some(([name, value]) => own.get(name) !== value)) this.modeling.updateModdleProperties(element, own, clean);
      return;
    }
    if (!Object.values(clean).some(Boolean)) return;
    const wrapper = this.factory.create('bpmn:ExtensionElements', { values: [] });
    wrapper.$parent = bo;
    wrapper.values = [...(bo.extensionElements?.get('values') ?? []), this.factory.create('xq:With', { node, ...clean })];
    for (const value of wrapper.values) value.$parent = wrapper;
    this.modeling.updateProperties(element, { extensionElements: wrapper });
  }

  // ---- ids

  /** Why an id cannot be used; '' where it can. */
  idProblem(element, id) {
    const bo = element.businessObject;
    if (!id) return '编号不能为空。';
    if (['Start', 'End', 'Root'].includes(id)) return '编号不能是 Start、End 或者 Root。';
    if (!/^[A-Za-z_][\w.-]*$/.test(id)) return '编号只能用字母、数字、下划线、连字符和点，并以字母或者下划线开头。';
    const other = this.editor.get('moddle').ids.assigned(id);
    return other && other !== bo ? '编号已被其他元素使用。' : '';
  }
}
