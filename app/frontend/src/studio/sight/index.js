import { controls } from '../../diagram/controls.js';
import { keepFitting } from '../../diagram/fit.js';
import { keyboard } from '../../diagram/keyboard.js';
import { wheel } from '../../diagram/wheel.js';
import { bounds, SHADES, shades, shown } from './heat.js';
import { drawing } from './viewer.js';

const SVG = 'http://www.w3.org/2000/svg';

/** The number at the upper right corner of a step: what the colour says, for whoever does not see it. */
function badge(graphics, width, text) {
  const group = document.createElementNS(SVG, 'g');
  group.setAttribute('class', 'heat-badge');
  const long = 14 + 8 * text.length;
  group.setAttribute('transform', `translate(${width - long + 8} -10)`);
  const plate = document.createElementNS(SVG, 'rect');
  for (const [name, value] of Object.entries({ width: long, height: 20, rx: 4 })) plate.setAttribute(name, value);
  const words = document.createElementNS(SVG, 'text');
  words.setAttribute('x', long / 2);
  words.setAttribute('y', 14.5);
  words.textContent = text;
  group.append(plate, words);
  graphics.querySelector('.djs-visual')?.append(group);
}

function paint(viewer, values, measure) {
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  const found = shades(values, measure);
  elements.forEach((element) => {
    if (!element.parent || !/Task$/.test(element.type)) return;
    const graphics = elements.getGraphics(element);
    graphics.querySelector('.heat-badge')?.remove();
    for (let shade = 0; shade < SHADES; shade += 1) canvas.removeMarker(element, `heat-${shade}`);
    if (!found.has(element.id)) return;
    canvas.addMarker(element, `heat-${found.get(element.id)}`);
    badge(graphics, element.width, shown(values[element.id][measure], measure));
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
    canvasHost.setAttribute('aria-label', said(viewer, values, chosen.value, chosen.dataset.unit));
  };
  host.prepend(controls(viewer));
  keyboard(viewer, canvasHost, choose);
  canvasHost.setAttribute('role', 'group');
  wheel(viewer, canvasHost);
  viewer.on('element.click', ({ element }) => choose(element));
  measures.addEventListener('change', show);
  show();
  keepFitting(viewer, canvasHost);
  const longest = Object.entries(values).sort(([, a], [, b]) => b.median - a.median)[0]?.[0];
  if (longest && viewer.get('elementRegistry').get(longest)) viewer.get('canvas').scrollToElement(longest, 120);
  host.dataset.shown = '';
}
