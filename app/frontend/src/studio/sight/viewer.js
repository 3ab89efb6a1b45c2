import '../../css/diagram.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

const FONT = '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** The drawing behind an address, in a frame below `host`; null where it cannot be shown, which the page then says. */
export async function drawing(host, address) {
  const canvasHost = document.createElement('div');
  canvasHost.className = 'diagram-canvas';
  host.append(canvasHost);
  const viewer = new NavigatedViewer({
    container: canvasHost,
    zoomScroll: { enabled: false },
    bpmnRenderer: { defaultStrokeColor: '#4e5969', defaultLabelColor: '#1d2129' },
    textRenderer: { defaultStyle: { fontFamily: FONT, fontSize: 13 }, externalStyle: { fontFamily: FONT, fontSize: 12 } },
  });
  try {
    const answer = await fetch(address, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`diagram ${answer.status}`);
    await viewer.importXML(await answer.text());
  } catch (failure) {
    console.warn('diagram not shown', failure.message);
    canvasHost.replaceChildren(Object.assign(document.createElement('p'), { className: 'empty', textContent: '流程图暂时无法显示，请查看下方的文字说明。' }));
    return null;
  }
  return viewer;
}
