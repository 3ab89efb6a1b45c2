// A procedure's diagram with what has passed, what is under way and what is to come. The page carries a text
// alternative; the picture is an addition to it and never the only place of a fact.
//
// <div data-diagram data-diagram-url="/…" data-passed="a b" data-current="c"></div>   or, with the drawing in the page,
// <div data-diagram data-diagram-source="id-of-a-json-script" …></div> (the script holds one JSON string, the XML).
// A chosen step leads to #node-<id> and details[data-node=<id>]; with data-diagram-prefix="external" to
// details[data-external=<id>], or, where nothing has happened yet, to #external-<id>.
import './css/diagram.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { controls } from './diagram/controls.js';
import { keepFitting } from './diagram/fit.js';
import { keyboard } from './diagram/keyboard.js';
import { mark, words } from './diagram/markers.js';
import { places } from './diagram/places.js';
import { wheel } from './diagram/wheel.js';

const FONT = '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

async function source(host) {
  const { diagramUrl, diagramSource } = host.dataset;
  if (diagramSource) return JSON.parse(document.getElementById(diagramSource).textContent);
  const answer = await fetch(diagramUrl, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`diagram ${answer.status}`);
  return answer.text();
}

/** Tell the page that an element was chosen; by default it goes to what it says about it. */
function choose(host, element) {
  const id = element.businessObject?.id;
  const chosen = new CustomEvent('diagram:select', { bubbles: true, cancelable: true, detail: { id, name: element.businessObject?.name } });
  if (!id || !host.dispatchEvent(chosen)) return;
  const found = places(document, id, host.dataset.diagramPrefix ?? 'node');
  if (!found.length) return;
  for (const earlier of document.querySelectorAll('.is-chosen')) earlier.classList.remove('is-chosen');
  for (const place of found) {
    place.classList.add('is-chosen');
    place.closest('details')?.setAttribute('open', '');
  }
  const [ target ] = found;
  target.scrollIntoView({ block: target.matches('details') ? 'start' : 'center', behavior: 'smooth' });
  target.setAttribute('tabindex', '-1');
  target.focus({ preventScroll: true });
}

async function show(host) {
  if (host.dataset.shown !== undefined) return;
  host.dataset.shown = '';
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
    await viewer.importXML(await source(host));
  } catch (failure) {
    console.warn('diagram not shown', failure.message);
    canvasHost.replaceChildren(Object.assign(document.createElement('p'), { className: 'empty', textContent: '流程图暂时无法显示，请查看下方的文字说明。' }));
    return;
  }
  const canvas = viewer.get('canvas');
  mark(viewer, host.dataset);
  host.prepend(controls(viewer, host.dataset.diagramHint));
  keyboard(viewer, canvasHost, (element) => choose(host, element));
  canvasHost.setAttribute('role', 'group');
  canvasHost.setAttribute('aria-label', words(viewer, host.dataset));
  wheel(viewer, canvasHost);
  viewer.on('element.click', ({ element }) => choose(host, element));
  keepFitting(viewer, canvasHost);
  host.viewer = viewer;
  host.dispatchEvent(new CustomEvent('diagram:ready', { bubbles: true }));
}

function showAll() {
  document.querySelectorAll('[data-diagram]').forEach((host) => {
    // A diagram in a closed tab or <details> has no size to fit into: draw it when it is first seen.
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      show(host);
    }).observe(host);
  });
}

document.addEventListener('htmx:after:swap', showAll);
showAll();
