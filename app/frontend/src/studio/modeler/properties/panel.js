// 属性: everything the diagrams say about what is selected. One panel for both diagrams.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { groupsOf, processGroups } from './groups.js';
import { html } from './html.js';
import { Model } from './model.js';

function Panel({ workbench, models }) {
  const [state, setState] = useState({ which: workbench.active, id: null, turn: 0 });
  useEffect(() => {
    const again = () => setState((old) => ({ ...old, turn: old.turn + 1 }));
    const ends = [
      workbench.on('select', ({ which, element }) => setState((old) => ({ which, id: element?.type === 'label' ? element.labelTarget.id : element?.id ?? null, turn: old.turn + 1 }))),
      workbench.on('load', again),
      workbench.on('view', () => setState((old) => ({ which: workbench.active, id: old.which === workbench.active ? old.id : null, turn: old.turn + 1 }))),
      workbench.vocabulary.on('change', again),
      workbench.draft.on('change', ({ path }) => { if (path.startsWith('called/')) again(); }),
    ];
    for (const { editor } of Object.values(models)) editor.on('elements.changed', again);
    return () => {
      ends.forEach((end) => end());
      for (const { editor } of Object.values(models)) editor.off('elements.changed', again);
    };
  }, []);
  const model = models[state.which];
  const selection = model.editor.get('selection', false)?.get() ?? [];
  if (!model.editor.getDefinitions()) return html`<p class="empty">正在打开流程图……</p>`;
  if (selection.length > 1) return html`<${Several} selection=${selection} model=${model} />`;
  const registry = model.editor.get('elementRegistry');
  const element = (state.id && registry.get(state.id)) || null;
  if (!element) return html`<${Nothing} model=${model} />`;
  const onId = (id) => {
    model.modeling.updateProperties(element, { id });
    setState((old) => ({ ...old, id, turn: old.turn + 1 }));
  };
  return html`<div class="properties" key=${`${state.which}-${element.id}`}>
    ${groupsOf(element, state.which).map((Part, index) => html`<${Part} key=${index} element=${element} model=${model} onId=${onId} />`)}
  </div>`;
}

/** Nothing is selected: the process, and how to begin. */
function Nothing({ model }) {
  const root = model.editor.get('canvas').getRootElement();
  const pool = model.editor.get('elementRegistry').find((each) => each.type === 'bpmn:Participant' && each.businessObject.processRef);
  const element = pool ?? (root?.type === 'bpmn:Process' ? root : null);
  return html`<div class="properties" key=${`${model.which}-none`}>
    <p class="hint">在图上选择环节、连线或者泳道，查看和修改它的属性。按 <kbd>?</kbd> 查看快捷键。</p>
    ${model.vocabulary.failed && html`<p class="notice danger">环节和岗位的清单没有取到：${model.vocabulary.failed}</p>`}
    ${element && processGroups.map((Part, index) => html`<${Part} key=${index} element=${element} model=${model} />`)}
  </div>`;
}

/** Several are selected: what can be said of all of them. */
function Several({ selection, model }) {
  const nodes = selection.filter((each) => each.businessObject.$instanceOf('bpmn:FlowNode') && each.type !== 'label' && !each.host);
  const lanes = model.editor.get('laneKeeper');
  return html`<div class="properties">
    <p class="prop-kind">已选择 ${selection.length} 个元素</p>
    ${model.editable && model.which === 'internal' && nodes.length > 0 && html`<label class="prop">移到岗位 <select onChange=${(event) => { const lane = model.editor.get('elementRegistry').get(event.target.value); if (lane) nodes.forEach((each) => lanes.move(each, lane)); }}>
      <option value="">（保持不变）</option>${lanes.lanes().map((lane) => html`<option value=${lane.id}>${lane.businessObject.name || lane.id}</option>`)}
    </select></label>`}
  </div>`;
}

/** Put the panel into its place. Answers how to move the focus into it. */
export function install(workbench) {
  const panel = workbench.panel('properties', '属性', { order: 0 });
  const models = Object.fromEntries(['internal', 'external'].map((which) => [which, new Model(workbench.editor(which), which, workbench)]));
  render(html`<${Panel} workbench=${workbench} models=${models} />`, panel.body);
  return {
    focus() {
      panel.open();
      setTimeout(() => panel.body.querySelector('input:not([disabled]), textarea, select, button')?.focus());
    },
  };
}
