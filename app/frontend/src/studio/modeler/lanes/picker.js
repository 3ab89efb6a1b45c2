// Adding a lane offers the positions that have none yet.
import { pick } from '../pick.js';

class LanePicker {
  static $inject = ['studio', 'laneKeeper', 'elementRegistry', 'selection', 'canvas'];

  constructor(studio, laneKeeper, elementRegistry, selection, canvas) {
    Object.assign(this, { studio, laneKeeper, elementRegistry, selection, canvas });
  }

  async choose(title) {
    const { vocabulary } = this.studio.workbench;
    await vocabulary.ready;
    const options = this.laneKeeper.missing().map((position) => ({ value: position, label: position.name, code: position.key }));
    const chosen = await pick({ title, label: '按名称查找岗位', groups: [{ label: '图中还没有的岗位', options }], empty: '没有可以添加的岗位：所有岗位都已有泳道。' });
    return chosen?.value ?? null;
  }

  async add(beside = this.lowest(), where = 'bottom') {
    if (!beside) return;
    const position = await this.choose('添加岗位泳道');
    if (!position) return;
    this.laneKeeper.add(position, beside, where);
    const lane = this.laneKeeper.lane(position.key);
    this.selection.select(lane);
    this.canvas.scrollToElement(lane, 80);
  }

  /** The lowest lane, or the pool where there is none. */
  lowest() {
    return this.laneKeeper.lanes().at(-1) ?? this.elementRegistry.find((element) => element.type === 'bpmn:Participant');
  }
}

export default LanePicker;
