import Modeler from 'bpmn-js/lib/Modeler';
import minimap from 'diagram-js-minimap';
import { build } from '../elements.js';
import { translating } from '../i18n/translate.js';
import undrawn from './exchange/undrawn.js';
import clipboard from './clipboard/module.js';
import lanes from './lanes/module.js';
import layout from './layout/module.js';
import pad from './pad/module.js';
import palette from './palette/module.js';
import readOnly from './readonly/module.js';
import replace from './replace/module.js';
import room from './room/module.js';
import search from './search/module.js';
import steps from './steps/module.js';
import descriptor from './xq.json';

const FONT = '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** A bpmn-js editor for one of the two diagrams (`which`: internal or external). */
export function makeEditor(container, which, workbench) {
  const paletteHost = build('div', { class: 'canvas-palette bio-theme-parent djs-parent' });
  if (workbench.draft.editable) container.before(paletteHost);
  const drawing = [palette, pad, replace, room, search, steps, lanes, layout, clipboard];
  return new Modeler({
    container,
    additionalModules: [{ studio: ['value', { which, workbench, paletteHost }] }, translating, minimap, undrawn, ...drawing, ...(workbench.draft.editable ? [] : [readOnly])],
    moddleExtensions: { xq: descriptor },
    bpmnRenderer: { defaultStrokeColor: '#4e5969', defaultLabelColor: '#1d2129' },
    textRenderer: { defaultStyle: { fontFamily: FONT, fontSize: 13 }, externalStyle: { fontFamily: FONT, fontSize: 12 } },
  });
}
