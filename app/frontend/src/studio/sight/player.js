/** Which frame is shown, and whether it runs on by itself. `show(place)` draws one; `tell(state)` updates the controls. */
export class Player {
  constructor(length, { show, tell, pause = 1600, timer = globalThis }) {
    Object.assign(this, { length, show, tell, pause, timer, place: 0, running: null });
  }

  /** Go to a frame; out of range is the nearest there is. */
  go(place) {
    const before = this.place;
    this.place = Math.min(Math.max(place, 0), this.length - 1);
    this.show(this.place, before);
    if (this.place === this.length - 1) this.stop();
    else this.tell(this);
  }

  /** Run on from here; from the end, from the beginning. */
  play() {
    if (this.running !== null) return;
    if (this.place === this.length - 1) this.go(0);
    this.running = this.timer.setInterval(() => this.go(this.place + 1), this.pause);
    this.tell(this);
  }

  /** Stand still. */
  stop() {
    if (this.running !== null) this.timer.clearInterval(this.running);
    this.running = null;
    this.tell(this);
  }

  toggle() {
    if (this.running === null) this.play();
    else this.stop();
  }
}

/** What each element is at a frame: passed before, the way of this very step, waiting; by element id. Only frames on
 * the same version tell of its drawing, except what was passed: ids stay when a case moves to another version. */
export function standing(frames, place) {
  const found = new Map();
  for (const frame of frames.slice(0, place)) for (const id of frame.way) found.set(id, 'passed');
  for (const id of frames[place].way) found.set(id, frames[place].off ? 'overdue' : 'passed');
  for (const id of frames[place].live) found.set(id, 'current');
  return found;
}
