import { controls } from '../../diagram/controls.js';
import { fit, keepFitting } from '../../diagram/fit.js';
import { keyboard } from '../../diagram/keyboard.js';
import { wheel } from '../../diagram/wheel.js';
import { bounds, SHADES, shades, shown } from './heat.js';
import { drawing } from './viewer.js';

const SVG = 'http://www.w3.org/2000/svg';

/** The number at the upper right corner of a step: what the colour says, for whoever does not see it. In a layer of its
 * own, so that no flow is drawn across it. */
function badge(layer, element, shade, text) {
  const group = document.createElementNS(SVG, 'g');
  const long = 14 + 8 * text.length;
  group.setAttribute('class', `heat-badge heat-${shade}`);
  Object.assign(group.dataset, { node: element.id, right: element.x + element.width + 8, top: element.y - 10, long });
  const plate = document.createElementNS(SVG, 'rect');
  for (const [name, value] of Object.entries({ width: long, height: 20, rx: 4 })) plate.setAttribute(name, value);
  const words = document.createElementNS(SVG, 'text');
  words.setAttribute('x', long / 2);
  words.setAttribute('y', 14.5);
  words.textContent = text;
  group.append(plate, words);
  layer.append(group);
}

function paint(viewer, values, measure) {
  const canvas = viewer.get('canvas');
  const layer = canvas.getLayer('heat', 10);
  const found = shades(values, measure);
  layer.replaceChildren();
  viewer.get('elementRegistry').forEach((element) => {
    if (!element.parent || !/Task$/.test(element.type)) return;
    for (let shade = 0; shade < SHADES; shade += 1) canvas.removeMarker(element, `heat-${shade}`);
    if (!found.has(element.id)) return;
    canvas.addMarker(element, `heat-${found.get(element.id)}`);
    badge(layer, element, found.get(element.id), shown(values[element.id][measure], measure));
  });
}

function legend(place, values, measure, unit) {
  const edges = bounds(values, measure);
  place.replaceChildren(...Array.from({ length: SHADES }, (_, shade) => {
    const item = Object.assign(document.createElement('span'), { className: `heat-key heat-${shade}` });
    item.textContent = `${shown(edges[shade], measure === 'again' ? '' : measure)}–${shown(edges[shade + 1], '')}`;
    return item;
  }), ` ${unit}`);
}

function said(viewer, values, measure, unit) {
  const elements = viewer.get('elementRegistry');
  const parts = Object.entries(values)
    .filter(([, one]) => one[measure] !== null)
    .sort(([, a], [, b]) => b[measure] - a[measure])
    .slice(0, 3)
    .map(([node, one]) => `${elements.get(node)?.businessObject?.name ?? node} ${shown(one[measure], measure)} ${unit}`);
  return `流程图热力图。数值最大的环节：${parts.join('、') || '没有'}。全部数值见下表。`;
}

const WIDE = 760;

/** The whole drawing, which is what a heat map is for; on a phone a part of it at a readable scale. */
function overview(viewer) {
  const canvas = viewer.get('canvas');
  if (canvas.viewbox().outer.width < WIDE) fit(viewer);
  else canvas.zoom('fit-viewport', 'auto');
}

/** The numbers stay as large as they are at three quarters, however small the drawing gets. */
function legible(viewer) {
  const scale = Math.max(1, 0.75 / viewer.get('canvas').zoom());
  viewer.get('canvas').getContainer().querySelectorAll('.heat-badge').forEach((group) => {
    group.setAttribute('transform', `translate(${group.dataset.right} ${group.dataset.top}) scale(${scale}) translate(${-group.dataset.long} 0)`);
  });
}

/** Show the picture of one page. */
export async function showSight(host) {
  const values = JSON.parse(document.getElementById(host.dataset.sightSource).textContent);
  const viewer = await drawing(host, host.dataset.diagramUrl);
  if (!viewer) return;
  const canvasHost = host.querySelector('.diagram-canvas');
  const measures = document.querySelector('[data-measures]');
  const choose = (element) => {
    const row = document.getElementById(`node-${element.id}`);
    if (!row) return;
    document.querySelector('.is-chosen')?.classList.remove('is-chosen');
    row.classList.add('is-chosen');
    row.tabIndex = -1;
    row.scrollIntoView({ block: 'center' });
    row.focus({ preventScroll: true });
  };
  const show = () => {
    const chosen = measures.querySelector(':checked');
    paint(viewer, values, chosen.value);
    legend(document.querySelector('[data-legend]'), values, chosen.value, chosen.dataset.unit);
    legible(viewer);
    canvasHost.setAttribute('aria-label', said(viewer, values, chosen.value, chosen.dataset.unit));
  };
  host.prepend(controls(viewer));
  keyboard(viewer, canvasHost, choose);
  canvasHost.setAttribute('role', 'group');
  wheel(viewer, canvasHost);
  viewer.on('element.click', ({ element }) => choose(element));
  measures.addEventListener('change', show);
  show();
  keepFitting(viewer, canvasHost, overview);
  viewer.on('canvas.viewbox.changed', () => legible(viewer));
  legible(viewer);
  host.dataset.shown = '';
}
