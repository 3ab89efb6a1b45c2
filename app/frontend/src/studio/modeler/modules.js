import Modeler from 'bpmn-js/lib/Modeler';

const FONT = '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** A bpmn-js editor for one of the two diagrams (`which`: internal or external). */
export function makeEditor(container, which) {
  return new Modeler({
    container,
    bpmnRenderer: { defaultStrokeColor: '#4e5969', defaultLabelColor: '#1d2129' },
    textRenderer: { defaultStyle: { fontFamily: FONT, fontSize: 13 }, externalStyle: { fontFamily: FONT, fontSize: 12 } },
  });
}
