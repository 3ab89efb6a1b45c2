// Which groups an element has, and what stands in them.
import { ConditionField } from '../conditions/builder.js';
import { sentence } from '../conditions/words.js';
import { examine } from '../conditions/check.js';
import { kindName } from '../kinds.js';
import { traits } from '../steps/make.js';
import { Called } from './called.js';
import { Documents } from './documents.js';
import { AreaField, CheckField, Group, LimitField, PickField, SelectField, TextField } from './fields.js';
import { html } from './html.js';

const is = (element, type) => element.businessObject.$instanceOf(type);
const BRANCHING = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'];

function Basics({ element, model }) {
  const bo = element.businessObject;
  const disabled = !model.editable;
  return html`<${Group} title="基本信息">
    <p class="prop-kind">${kindName(bo)}</p>
    ${is(element, 'bpmn:TextAnnotation')
    ? html`<${AreaField} label="文字" value=${bo.text ?? ''} disabled=${disabled} onChange=${(text) => model.modeling.updateLabel(element, text)} />`
    : html`<${TextField} label="名称" value=${bo.name ?? ''} disabled=${disabled} onChange=${(name) => (element.parent ? model.rename(element, name) : model.set(element, { name }))} />`}
  <//>`;
}

function Identity({ element, model, onId }) {
  return html`<${Group} title="编号" shut><${TextField} label="编号" code value=${element.businessObject.id} disabled=${!model.editable} hint="流转记录按编号认环节，发布之后不宜更改。" check=${(id) => model.idProblem(element, id.trim())} onChange=${(id) => onId(id.trim())} /><//>`;
}

/** The legal step; a fresh one also fills in what is empty. */
function Step({ element, model }) {
  const tag = model.value(element, 'xq:step');
  const step = model.vocabulary.step(tag);
  const choose = async () => {
    const chosen = await model.editor.get('stepPicker').choose('选择法定环节');
    if (!chosen) return;
    const found = traits(chosen.value, model.which);
    const empty = Object.fromEntries(Object.entries(found).filter(([name]) => name === 'xq:step' || (fits(element, name) && !model.value(element, name))));
    model.set(element, empty);
    if (!element.businessObject.name) model.rename(element, chosen.value.name);
  };
  return html`<${Group} title="法定环节">
    <${PickField} label="法定环节" name=${step?.name ?? ''} code=${tag} empty="不是法定环节" disabled=${!model.editable} act=${choose} actLabel=${tag ? '更换' : '选择'} clear=${() => model.set(element, { 'xq:step': '' })}
      error=${tag && !step && model.vocabulary.steps.length ? '规则中没有这个环节标签，请重新选择。' : ''} />
    <${AreaField} label="法律依据" rows=${2} value=${model.value(element, 'xq:basis')} disabled=${!model.editable} hint="写法律全称和条款，例如《中华人民共和国行政处罚法》第六十一条。" onChange=${(text) => model.set(element, { 'xq:basis': text.trim() })} />
    ${step && html`<${Suggestion} element=${element} model=${model} step=${step} />`}
  <//>`;
}

/** Attributes of tasks do not belong on events, nor the other way round. */
function fits(element, name) {
  if (name === 'xq:action') return element.type === 'bpmn:ServiceTask';
  if (name === 'xq:from') return Boolean(element.businessObject.eventDefinitions);
  if (name === 'xq:verb' || name === 'xq:officers') return is(element, 'bpmn:UserTask') || is(element, 'bpmn:ManualTask');
  return true;
}

function Suggestion({ element, model, step }) {
  if (!model.editable) return null;
  const found = Object.entries(traits(step, model.which)).filter(([name]) => name !== 'xq:step' && fits(element, name));
  const other = found.filter(([name, value]) => model.value(element, name) !== value);
  if (!other.length) return null;
  return html`<p class="prop-suggest"><button type="button" class="link-button" onClick=${() => model.set(element, Object.fromEntries(other.filter(([name]) => !model.value(element, name))))}
    disabled=${!other.some(([name]) => !model.value(element, name))}>按该环节的建议补齐空白项</button></p>`;
}

/** Who does it, what, within which time. */
function Handling({ element, model }) {
  const disabled = !model.editable;
  const set = (name) => (value) => model.set(element, { [`xq:${name}`]: value });
  const lanes = model.editor.get('laneKeeper');
  const lane = lanes.laneOf(element);
  const positions = lanes.lanes().map((each) => ({ value: each.id, label: each.businessObject.name || model.vocabulary.position(each.businessObject.get('xq:position'))?.name || each.id }));
  const task = is(element, 'bpmn:Activity');
  const calls = is(element, 'bpmn:CallActivity');
  const person = is(element, 'bpmn:UserTask') || is(element, 'bpmn:ManualTask');
  const forms = model.vocabulary.forms.map(({ key, title }) => ({ value: key, label: `${title}（${key}）` }));
  return html`<${Group} title="岗位与时限">
    <${SelectField} label="办理岗位（泳道）" value=${lane?.id ?? ''} options=${positions} disabled=${disabled || Boolean(element.host)} hint=${element.host ? '边界事件与所挂接的任务在同一泳道。' : '选择另一个岗位，元素移到它的泳道。'}
      onChange=${(id) => { const to = model.editor.get('elementRegistry').get(id); if (to) lanes.move(element, to); }} />
    ${task && !calls && html`<${LimitField} label="办理时限" value=${model.value(element, 'xq:limit')} disabled=${disabled} onChange=${set('limit')} />`}
    ${person && html`<${LimitField} label="提前提醒" value=${model.value(element, 'xq:warn')} disabled=${disabled} hint="到期前多久亮黄灯；不填的按时限推算。" onChange=${set('warn')} />`}
    ${person && html`<${SelectField} label="持证人员" value=${model.value(element, 'xq:officers')} options=${OFFICERS} empty="不要求" disabled=${disabled} hint="两人以上的，一人提交后由另一人确认。" onChange=${set('officers')} />`}
    ${!calls && html`<${AreaField} label="工作职责" value=${model.value(element, 'xq:duty')} disabled=${disabled} hint="显示在办理页面上。" onChange=${(text) => set('duty')(text.trim())} />`}
    ${(person || element.businessObject.eventDefinitions) && html`<${AreaField} label="办理指引" value=${model.value(element, 'xq:guide')} disabled=${disabled} hint="怎样依法办好这一步，显示在“本环节怎么办”和操作手册中，可以分行。核对事项、文书和示例由系统列出，不必再写。" onChange=${(text) => set('guide')(text.trim())} />`}
    ${(person || element.businessObject.eventDefinitions) && html`<${SelectField} label="表单" value=${model.value(element, 'xq:form')} options=${forms} disabled=${disabled} unknown="不在草稿的表单中" onChange=${set('form')} />`}
    ${person && html`<${TextField} label="按钮文字" value=${model.value(element, 'xq:verb')} disabled=${disabled} hint="办理人提交时按的按钮，写要做的事，例如“批准立案”。" onChange=${(text) => set('verb')(text.trim())} />`}
    ${person && html`<${CheckField} label="属于异常分支" checked=${model.value(element, 'xq:abnormal') === 'true'} disabled=${disabled} onChange=${(on) => set('abnormal')(on ? 'true' : '')} />`}
    ${element.type === 'bpmn:ServiceTask' && html`<${SelectField} label="自动执行" value=${model.value(element, 'xq:action')} options=${model.vocabulary.actions.map(({ key, name }) => ({ value: key, label: name }))} disabled=${disabled} unknown="没有登记" onChange=${set('action')} />`}
  <//>`;
}

const OFFICERS = ['1', '2', '3', '4'].map((value) => ({ value, label: `${value} 人` }));

/** The external diagram says the law alone: by when. */
function Statutory({ element, model }) {
  return html`<${Group} title="法定期限"><${LimitField} label="法定期限" value=${model.value(element, 'xq:limit')} disabled=${!model.editable} onChange=${(value) => model.set(element, { 'xq:limit': value })} /><//>`;
}

function Timer({ element, model }) {
  const disabled = !model.editable;
  const tags = new Map();
  model.editor.get('elementRegistry').forEach((each) => {
    const tag = each.businessObject?.get?.('xq:step');
    if (tag && each.type !== 'label') tags.set(tag, `${model.vocabulary.stepName(tag)}（${tag}）`);
  });
  return html`<${Group} title="计时">
    <${LimitField} label="期限" value=${model.timer(element)} disabled=${disabled} hint="当事人的期限：遇休息日顺延，不会提前届满。" onChange=${(text) => model.setTimer(element, text)} />
    <${SelectField} label="起算环节" value=${model.value(element, 'xq:from')} options=${[...tags].map(([value, label]) => ({ value, label }))} empty="到达本事件时起算" disabled=${disabled} unknown="不在图中" onChange=${(tag) => model.set(element, { 'xq:from': tag })} />
    ${element.type === 'bpmn:BoundaryEvent' && html`<${CheckField} label="到期后中断所挂接的任务" checked=${element.businessObject.cancelActivity !== false} disabled=${disabled} onChange=${(on) => model.set(element, { cancelActivity: on })} />`}
  <//>`;
}

function Message({ element, model }) {
  const disabled = !model.editable;
  const known = model.editor.getDefinitions().get('rootElements').filter((root) => root.$type === 'bpmn:Message' && root.name).map((root) => root.name);
  return html`<${Group} title="等待的消息">
    <${TextField} label="消息" value=${model.message(element)} list=${known} disabled=${disabled} hint="由本岗位的人员登记，例如“收到当事人意见”。" onChange=${(text) => model.setMessage(element, text.trim())} />
    ${element.type === 'bpmn:BoundaryEvent' && html`<${CheckField} label="登记后中断所挂接的任务" checked=${element.businessObject.cancelActivity !== false} disabled=${disabled} onChange=${(on) => model.set(element, { cancelActivity: on })} />`}
  <//>`;
}

function Flow({ element, model }) {
  const bo = element.businessObject;
  const disabled = !model.editable;
  const branches = BRANCHING.includes(bo.sourceRef?.$type);
  const usual = bo.sourceRef?.default === bo;
  return html`<${Group} title="流转条件">
    ${branches && html`<${CheckField} label="默认流向（其他条件都不成立时走这里）" checked=${usual} disabled=${disabled} onChange=${(on) => model.modeling.updateProperties(element.source, { default: on ? bo : undefined })} />`}
    ${branches && !usual && html`<${ConditionField} value=${model.condition(element)} attributes=${model.vocabulary.attributes} disabled=${disabled} onChange=${(text) => model.setCondition(element, text)} />`}
    ${branches && usual && model.condition(element) && html`<p class="field-error">默认流向不看条件。<button type="button" class="link-button" onClick=${() => model.setCondition(element, '')}>去掉条件</button></p>`}
    ${!branches && (model.condition(element) ? html`<${ConditionField} value=${model.condition(element)} attributes=${model.vocabulary.attributes} disabled=${disabled} onChange=${(text) => model.setCondition(element, text)} /><p class="field-error">只有排他网关和包容网关之后的连线可以带条件。</p>` : html`<p class="hint">只有排他网关和包容网关之后的连线可以带条件。</p>`)}
    <${TextField} label="返工轮数" value=${model.value(element, 'xq:rounds')} disabled=${disabled} hint="回退的连线：测算总时限时按几轮返工计算。" check=${(text) => (/^([1-9]\d?)?$/.test(text.trim()) ? '' : '请填写 1 至 99 的整数。')} onChange=${(text) => model.set(element, { 'xq:rounds': text.trim() })} />
    <${CheckField} label="属于异常分支" checked=${model.value(element, 'xq:abnormal') === 'true'} disabled=${disabled} onChange=${(on) => model.set(element, { 'xq:abnormal': on ? 'true' : '' })} />
  <//>`;
}

/** Connecting without a mouse: to any element that a flow may lead to from here. */
function ConnectTo({ element, model }) {
  if (!model.editable || element.businessObject.$type === 'bpmn:EndEvent') return null;
  const rules = model.editor.get('rules');
  const taken = new Set(element.outgoing.map((flow) => flow.target));
  const targets = model.editor.get('elementRegistry').filter((other) => other !== element && other.type !== 'label' && is(other, 'bpmn:FlowNode') && !taken.has(other)
    && rules.allowed('connection.create', { source: element, target: other })?.type === 'bpmn:SequenceFlow');
  const options = targets.map((other) => ({ value: other.id, label: other.businessObject.name || `${kindName(other.businessObject)} ${other.id}` }));
  options.sort((a, b) => a.label.localeCompare(b.label, 'zh-CN'));
  return html`<${SelectField} label="连线到" value="" options=${options} empty="（选择连到哪里）" onChange=${(id) => {
    const target = model.editor.get('elementRegistry').get(id);
    if (target) model.modeling.connect(element, target);
  }} />`;
}

/** Where a task or an event leads to. */
function Outgoing({ element, model }) {
  const flows = element.outgoing.filter((flow) => flow.type === 'bpmn:SequenceFlow');
  return html`<${Group} title="连线" shut count=${flows.length || ''}>
    <ul class="branches">${flows.map((flow) => html`<li key=${flow.id}><button type="button" class="link-button" onClick=${() => model.workbench.select(model.which, flow.id)}>到“${flow.target.businessObject.name || flow.target.id}”</button></li>`)}</ul>
    <${ConnectTo} element=${element} model=${model} />
  <//>`;
}

/** What each way out of a gateway says. */
function Branches({ element, model }) {
  const { attributes } = model.vocabulary;
  const flows = element.outgoing.filter((flow) => flow.type === 'bpmn:SequenceFlow');
  const said = (flow) => {
    if (element.businessObject.default === flow.businessObject) return '其他情形（默认）';
    const text = model.condition(flow);
    if (!text) return '没有条件';
    const { tree, problems } = examine(text, attributes);
    return tree ? sentence(tree, attributes) : problems[0];
  };
  return html`<${Group} title="各条流向" count=${flows.length || ''}>
    <ul class="branches">${flows.map((flow) => html`<li key=${flow.id}><button type="button" class="link-button" onClick=${() => model.workbench.select(model.which, flow.id)}>${flow.businessObject.name || `到“${flow.target.businessObject.name || flow.target.id}”`}</button><span>${said(flow)}</span></li>`)}</ul>
    ${!flows.length && html`<p class="hint">还没有连出的线。</p>`}
    <${ConnectTo} element=${element} model=${model} />
  <//>`;
}

function Lane({ element, model }) {
  const key = model.value(element, 'xq:position');
  const drawn = new Set(model.editor.get('laneKeeper').lanes().filter((lane) => lane !== element).map((lane) => lane.businessObject.get('xq:position')));
  const options = model.vocabulary.positions.filter((position) => !drawn.has(position.key)).map((position) => ({ value: position.key, label: position.name }));
  return html`<${Group} title="岗位"><${SelectField} label="岗位" value=${key} options=${options} disabled=${!model.editable} unknown="不在岗位清单中" hint="本泳道的任务由这个岗位的人员办理。"
    onChange=${(value) => { const position = model.vocabulary.position(value); if (position) model.editor.get('laneKeeper').setPosition(element, position); else model.set(element, { 'xq:position': '' }); }} /><//>`;
}

const KINDS = [
  ['penalty', '行政处罚'], ['compulsion', '行政强制'], ['licence', '行政许可'], ['inspection', '行政检查'], ['confirmation', '行政确认'], ['supervision', '执法监督'], ['complaint', '投诉咨询'], ['item', '权力事项调整'], ['file', '案卷评查'],
].map(([value, label]) => ({ value, label }));
const LEVELS = [{ value: 'internal', label: '内部流程' }, { value: 'external', label: '外部流程' }];

/** The process itself: of the pool, or of a plane without pools. */
function Process({ element, model }) {
  const process = element.businessObject.processRef ?? (element.businessObject.$type === 'bpmn:Process' ? element.businessObject : null);
  if (!process) return null;
  const set = (values) => model.modeling.updateModdleProperties(element, process, values);
  return html`<${Group} title="流程">
    <${TextField} label="流程编号" code value=${process.id} disabled hint="流程编号随草稿固定。" onChange=${() => {}} />
    <${TextField} label="流程名称" value=${process.name ?? ''} disabled=${!model.editable} onChange=${(name) => set({ name })} />
    <${SelectField} label="权力类型" value=${process.get('xq:kind') ?? ''} options=${KINDS} disabled=${!model.editable} hint="供阅读；以规则中的类型为准。" onChange=${(kind) => set({ 'xq:kind': kind || undefined })} />
    <${SelectField} label="层次" value=${process.get('xq:level') ?? ''} options=${LEVELS} disabled=${!model.editable} onChange=${(level) => set({ 'xq:level': level || undefined })} />
  <//>`;
}

/** What the panel shows of a diagram while nothing is selected. */
export const processGroups = [Process];

/** The groups of an element, in order. */
export function groupsOf(element, which) {
  const node = is(element, 'bpmn:FlowNode');
  const gateway = is(element, 'bpmn:Gateway');
  const acting = node && !gateway;
  const waits = (type) => (element.businessObject.eventDefinitions ?? []).some((each) => each.$type === type);
  const calls = element.type === 'bpmn:CallActivity';
  const plain = ['bpmn:StartEvent', 'bpmn:EndEvent'].includes(element.type);
  return [
    element.parent && Basics,
    calls && Called,
    acting && !plain && !calls && Step,
    waits('bpmn:TimerEventDefinition') && Timer,
    waits('bpmn:MessageEventDefinition') && Message,
    node && which === 'internal' && !gateway && !plain && Handling,
    acting && !plain && which === 'external' && Statutory,
    acting && !plain && !calls && which === 'internal' && (is(element, 'bpmn:Activity') || waits('bpmn:MessageEventDefinition')) && Documents,
    gateway && Branches,
    acting && element.type !== 'bpmn:EndEvent' && Outgoing,
    element.type === 'bpmn:SequenceFlow' && Flow,
    element.type === 'bpmn:Lane' && Lane,
    (element.type === 'bpmn:Participant' || element.type === 'bpmn:Process') && Process,
    element.parent && Identity,
  ].filter(Boolean);
}
