// The descriptor of xq: what is written comes back as it was, ours and everybody else's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BpmnModdle } from 'bpmn-moddle';
import { read, written } from '../src/studio/modeler/clipboard/moddle.js';
import { canonical } from './canonical.js';

const descriptor = JSON.parse(readFileSync(new URL('../src/studio/modeler/xq.json', import.meta.url)));
const shipped = (level) => readFileSync(new URL(`../../../bpmn/penalty/ordinary/${level}.bpmn`, import.meta.url), 'utf8');
const moddle = () => new BpmnModdle({ xq: descriptor });

async function again(text) {
  const one = moddle();
  const { rootElement, warnings } = await one.fromXML(text);
  assert.deepEqual(warnings, []);
  return (await one.toXML(rootElement, { format: true })).xml;
}

const wrap = (body) => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xq="urn:xingquan:bpmn:1" xmlns:o="urn:other:tool" id="d" targetNamespace="urn:t"><bpmn:process id="p" xq:kind="penalty" xq:level="internal">${body}</bpmn:process></bpmn:definitions>`;

for (const level of ['internal', 'external']) {
  test(`the shipped ${level} diagram comes back without loss`, async () => {
    const text = shipped(level);
    assert.deepEqual(canonical(await again(text)), canonical(text));
  });
}

test('nothing of the descriptor has a default or changes what was written', async () => {
  const text = JSON.stringify(descriptor);
  assert.doesNotMatch(text, /"default"/);
  const odd = wrap('<bpmn:userTask id="a" xq:officers="02" xq:abnormal="TRUE" xq:limit=" 5wd " xq:form="" />');
  assert.deepEqual(canonical(await again(odd)), canonical(odd));
});

test('what other tools wrote stays', async () => {
  const text = wrap('<bpmn:userTask id="a" name="登记" o:colour="red" xq:step="src.register"><bpmn:extensionElements><o:note kind="x" xq:step="y">重要<o:inner /></o:note><xq:document code="LA-01" when="complete" if="a == 1" o:more="z" /></bpmn:extensionElements></bpmn:userTask>');
  assert.deepEqual(canonical(await again(text)), canonical(text));
});

test('what was copied comes back for another editor', async () => {
  const { rootElement } = await moddle().fromXML(wrap('<bpmn:userTask id="a" name="登记" xq:step="src.register"><bpmn:extensionElements><o:note kind="x"><o:inner a="1" /></o:note><xq:document code="LA-01" if="a == 1" /></bpmn:extensionElements></bpmn:userTask>'));
  const [task] = rootElement.rootElements[0].flowElements;
  const copied = read(written({ 0: [{ id: 'a', x: 3, businessObject: task }] }), moddle());
  const found = copied[0][0].businessObject;
  assert.equal(copied[0][0].x, 3);
  assert.equal(found.$type, 'bpmn:UserTask');
  assert.equal(found.get('xq:step'), 'src.register');
  const [note, document] = found.extensionElements.values;
  assert.deepEqual([note.$type, note.kind, note.$children[0].a], ['o:note', 'x', '1']);
  assert.deepEqual([document.$type, document.code, document.get('if')], ['xq:Document', 'LA-01', 'a == 1']);
});

test('the message an event waits for is copied with it', async () => {
  const text = wrap('<bpmn:intermediateCatchEvent id="a"><bpmn:messageEventDefinition id="m" messageRef="w" /></bpmn:intermediateCatchEvent>').replace('<bpmn:process', '<bpmn:message id="w" name="当事人意见" /><bpmn:process');
  const { rootElement } = await moddle().fromXML(text);
  const event = rootElement.rootElements.find((root) => root.$type === 'bpmn:Process').flowElements[0];
  const copied = read(written({ 0: [{ businessObject: event }] }), moddle());
  assert.equal(copied[0][0].businessObject.eventDefinitions[0].messageRef.name, '当事人意见');
});
