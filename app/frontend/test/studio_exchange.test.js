// What an import says about a file, and drawings that have to be mended before they open.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BpmnModdle } from 'bpmn-moddle';
import { mend } from '../src/studio/modeler/exchange/mend.js';
import { fileName } from '../src/studio/modeler/exchange/files.js';
import { inChinese } from '../src/studio/modeler/exchange/warnings.js';
import { readLimit, spoken } from '../src/studio/modeler/properties/limits.js';
import { runs } from '../src/studio/modeler/kinds.js';
import { traits } from '../src/studio/modeler/steps/make.js';

const descriptor = JSON.parse(readFileSync(new URL('../src/studio/modeler/xq.json', import.meta.url)));
const NAMES = 'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"';

test('warnings are told in Chinese, each once', () => {
  const found = inChinese([{ message: 'unresolved reference <a>' }, { message: 'unresolved reference <a>' }, { message: 'unparsable content <documentation> detected\n\tline: 3' }, { message: 'something new' }, {}]);
  assert.deepEqual(found, ['引用的“a”在文件中不存在，保存时将去掉这一引用。（2 处）', '“documentation”写在标准不允许的位置，不能保留。', '有一处内容编辑器不能显示，保存时可能不保留。（2 处）']);
});

test('a plane that belongs to nothing is given the process, loose lines are not drawn', async () => {
  const { rootElement } = await new BpmnModdle({ xq: descriptor }).fromXML(`<bpmn:definitions ${NAMES} id="d" targetNamespace="urn:t"><bpmn:process id="p"><bpmn:task id="a" /><bpmn:task id="b" /><bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b" /></bpmn:process>
    <bpmndi:BPMNDiagram id="g"><bpmndi:BPMNPlane id="l" bpmnElement="d"><bpmndi:BPMNShape id="s" bpmnElement="a"><dc:Bounds x="1" y="1" width="1" height="1" /></bpmndi:BPMNShape><bpmndi:BPMNEdge id="e" bpmnElement="f" /></bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>`);
  const done = mend(rootElement);
  assert.equal(done.length, 2);
  const { plane } = rootElement.diagrams[0];
  assert.equal(plane.bpmnElement.id, 'p');
  assert.deepEqual(plane.planeElement.map((element) => element.id), ['s']);
  assert.equal(rootElement.rootElements[0].flowElements.length, 3);
  assert.deepEqual(mend(rootElement), []);
});

test('files are named by the procedure', () => {
  assert.equal(fileName('处罚/普通 程序', 'internal', 'bpmn'), '处罚_普通_程序-内部流程.bpmn');
});

test('times are read and said', () => {
  assert.deepEqual(readLimit('5wd'), { number: '5', unit: 'wd' });
  for (const text of ['', '0d', '5', '5 wd', 'wd', '-5d', '5w', undefined]) assert.equal(readLimit(text), null);
  assert.deepEqual(['5wd', '30d', '24h', 'soon'].map(spoken), ['5 个工作日', '30 日', '24 小时', 'soon']);
});

test('only what the engine runs is offered', () => {
  const all = (which) => ['bpmn:UserTask', 'bpmn:Task', 'bpmn:ScriptTask', 'bpmn:SendTask', 'bpmn:ComplexGateway', 'bpmn:Transaction', 'bpmn:EventBasedGateway'].filter((type) => runs({ type }, which));
  assert.deepEqual(all('internal'), ['bpmn:UserTask', 'bpmn:EventBasedGateway']);
  assert.deepEqual(all('external'), ['bpmn:UserTask', 'bpmn:Task', 'bpmn:EventBasedGateway']);
  assert.ok(!runs({ type: 'bpmn:StartEvent', eventDefinitionType: 'bpmn:TimerEventDefinition' }, 'internal'));
  assert.ok(!runs({ type: 'bpmn:EndEvent', eventDefinitionType: 'bpmn:SignalEventDefinition' }, 'internal'));
  assert.ok(!runs({ type: 'bpmn:SubProcess', triggeredByEvent: true }, 'internal'));
});

test('a step brings to each diagram what belongs there', () => {
  const step = { tag: 'serve', name: '送达', element: 'user', position: 'investigator', duty: '送达决定书', limit: '5wd', statutory: '7wd', basis: '第六十一条', verb: '登记送达', officers: '2' };
  assert.deepEqual(traits(step, 'external'), { 'xq:step': 'serve', 'xq:basis': '第六十一条', 'xq:limit': '7wd' });
  assert.deepEqual(traits(step, 'internal'), { 'xq:step': 'serve', 'xq:duty': '送达决定书', 'xq:basis': '第六十一条', 'xq:verb': '登记送达', 'xq:officers': '2', 'xq:limit': '5wd' });
  assert.equal(traits({ tag: 'a', advice: true, limit: '3wd' }, 'external')['xq:limit'], undefined);
});
