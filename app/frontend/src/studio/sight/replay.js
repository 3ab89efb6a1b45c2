import { controls } from '../../diagram/controls.js';
import { fit, keepFitting } from '../../diagram/fit.js';
import { keyboard } from '../../diagram/keyboard.js';
import { wheel } from '../../diagram/wheel.js';
import { Player, standing } from './player.js';
import { travel } from './token.js';
import { drawing } from './viewer.js';

const STATES = ['passed', 'current', 'overdue', 'way'];

/** One drawing on the page: shows the version a frame belongs to, and marks its elements. */
class Drawing {
  constructor(host, which, versions) {
    Object.assign(this, { host, which, versions, version: null, viewer: null, asked: 0 });
  }

  async at(version) {
    if (this.version === version) return this.viewer;
    this.version = version;
    const mine = ++this.asked;
    this.viewer?.destroy();
    this.viewer = null;
    this.host.replaceChildren();
    const viewer = await drawing(this.host, this.versions[version][this.which]);
    if (mine !== this.asked || !viewer) return null;
    this.viewer = viewer;
    const canvasHost = this.host.querySelector('.diagram-canvas');
    this.host.prepend(controls(viewer));
    keyboard(viewer, canvasHost, () => {});
    canvasHost.setAttribute('role', 'group');
    canvasHost.setAttribute('aria-label', this.which === 'internal' ? '内部流程图，当前状态见上方文字。' : '法定流程图，当前状态见上方文字。');
    wheel(viewer, canvasHost);
    keepFitting(viewer, canvasHost);
    return viewer;
  }

  mark(states, way = new Set()) {
    const canvas = this.viewer.get('canvas');
    this.viewer.get('elementRegistry').forEach((element) => {
      if (!element.parent || element.type === 'label') return;
      for (const state of STATES) canvas.removeMarker(element, `is-${state}`);
      const state = states.get(element.id);
      if (state) canvas.addMarker(element, `is-${state}`);
      if (way.has(element.id)) canvas.addMarker(element, 'is-way');
    });
  }

  /** Bring what is under way into view, without moving what is in view already. */
  follow() {
    const canvas = this.viewer.get('canvas');
    const elements = this.viewer.get('elementRegistry');
    const now = elements.find((element) => canvas.hasMarker(element, 'is-current') && !element.waypoints);
    if (!now) return;
    const box = canvas.viewbox();
    const inside = now.x >= box.x && now.y >= box.y && now.x + now.width <= box.x + box.width && now.y + now.height <= box.y + box.height;
    if (!inside) fit(this.viewer);
  }
}

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Make the player of one page. */
export function installReplay(root) {
  const { frames, versions } = JSON.parse(document.getElementById(root.dataset.replay).textContent);
  const find = (name) => root.querySelector(`[data-${name}]`);
  const drawings = ['internal', 'external'].map((which) => new Drawing(root.querySelector(`[data-replay-drawing="${which}"]`), which, versions));
  const [slider, count, now, playing] = ['slider', 'count', 'now', 'play'].map(find);
  let shown = Promise.resolve();

  async function draw(place, before) {
    const frame = frames[place];
    const [internal, external] = await Promise.all(drawings.map((one) => one.at(frame.version)));
    if (player.place !== place) return; // somebody was faster
    if (internal) {
      drawings[0].mark(standing(frames, place), new Set(frame.way));
      drawings[0].follow();
      if (frame.moves && place === before + 1 && !still()) travel(internal, frame.way, player.pause * 0.6);
    }
    if (external) {
      drawings[1].mark(new Map([...frame.passed.map((id) => [id, 'passed']), ...frame.current.map((id) => [id, 'current'])]));
      drawings[1].follow();
    }
    root.dataset.at = place;
  }

  const player = new Player(frames.length, {
    show(place, before) {
      const line = document.querySelector(`[data-frame="${place}"]`);
      document.querySelector('[data-frame][aria-current]')?.removeAttribute('aria-current');
      line.setAttribute('aria-current', 'step');
      slider.value = place;
      slider.setAttribute('aria-valuetext', `第 ${place + 1} 步，${frames[place].title}`);
      count.textContent = `${place + 1} / ${frames.length}`;
      now.textContent = line.innerText.replace(/\s+/g, ' ').trim();
      now.classList.toggle('is-off', frames[place].off);
      shown = shown.then(() => draw(place, before));
    },
    tell({ running, place }) {
      playing.textContent = running === null ? '播放' : '暂停';
      for (const [name, off] of [['first', place === 0], ['back', place === 0], ['next', place === frames.length - 1], ['last', place === frames.length - 1]]) {
        find(name).disabled = off;
      }
    },
  });

  const acts = { first: () => player.go(0), back: () => player.go(player.place - 1), next: () => player.go(player.place + 1), last: () => player.go(frames.length - 1) };
  for (const [name, act] of Object.entries(acts)) {
    find(name).addEventListener('click', () => {
      player.stop();
      act();
    });
  }
  playing.addEventListener('click', () => player.toggle());
  slider.addEventListener('input', () => {
    player.stop();
    player.go(Number(slider.value));
  });
  root.hidden = false;
  player.go(0);
}
