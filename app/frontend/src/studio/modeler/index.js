// Drawing: properties, tools, keys, import and export of the two editors. The editors themselves are made in modules.js.
//   xq.json      the descriptor of our attributes, the only one       kinds.js      which elements the engine runs
//   palette pad replace search clipboard readonly   modules of bpmn-js in place of its own
//   steps lanes  legal steps and positions as elements                 layout        automatic layout
//   properties   the panel, in Preact                                  conditions    their language, rows, sentences, builder
//   exchange     import with a report, export                          keyboard      keys and their overlay
// What is offered in lists comes from the server (vocabulary.js, app/studio/vocabulary.py).
import './css/modeler.css';
import { exchange } from './exchange/menu.js';
import { bindKeys } from './keyboard/bind.js';
import { showKeys } from './keyboard/help.js';
import { install as properties } from './properties/panel.js';
import { Vocabulary } from './vocabulary.js';

export const order = -10;

export function prepare(workbench) {
  workbench.vocabulary = new Vocabulary(workbench.draft);
}

export function install(workbench) {
  const { editable } = workbench.draft;
  const panel = properties(workbench);
  const act = (work) => () => work(workbench.editor(workbench.active));
  for (const which of ['internal', 'external']) {
    bindKeys(workbench.editor(which), { editable, openProperties: () => panel.focus() });
  }
  if (editable) {
    const undo = workbench.tool('撤销', act((editor) => editor.get('commandStack').undo()), { group: 'history', title: '撤销（Ctrl+Z）' });
    const redo = workbench.tool('重做', act((editor) => editor.get('commandStack').redo()), { group: 'history', title: '重做（Ctrl+Y）' });
    const refresh = act((editor) => {
      undo.disabled = !editor.get('commandStack').canUndo();
      redo.disabled = !editor.get('commandStack').canRedo();
    });
    for (const which of ['internal', 'external']) workbench.editor(which).on(['commandStack.changed', 'import.done'], refresh);
    workbench.on('view', refresh);
    workbench.on('select', refresh);
    refresh();
    workbench.tool('自动排版', act((editor) => editor.get('autoLayout').run()), { group: 'draw', title: '按泳道重新排列全图，可以撤销' });
  }
  workbench.tool('查找', act((editor) => editor.get('searchPad').toggle()), { group: 'look', title: '按名称、标签或者编号查找环节（Ctrl+F）' });
  workbench.tool('缩小', act((editor) => editor.get('zoomScroll').stepZoom(-1)), { group: 'look', title: '缩小（Ctrl+-）' });
  workbench.tool('放大', act((editor) => editor.get('zoomScroll').stepZoom(1)), { group: 'look', title: '放大（Ctrl++）' });
  workbench.tool('全图', act((editor) => editor.get('canvas').zoom('fit-viewport', 'auto')), { group: 'look', title: '显示全图' });
  exchange(workbench);
  workbench.tool('快捷键', () => showKeys(), { group: 'help', title: '流程图的快捷键（?）' });
}
