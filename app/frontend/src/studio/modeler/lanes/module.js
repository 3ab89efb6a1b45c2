import modeling from 'bpmn-js/lib/features/modeling';
import LaneKeeper, { AddPositionLane } from './keeper.js';
import LanePicker from './picker.js';

class Commands {
  static $inject = ['commandStack'];

  constructor(commandStack) { commandStack.registerHandler('studio.addPositionLane', AddPositionLane); }
}

export default {
  __depends__: [modeling],
  __init__: ['laneCommands'],
  laneCommands: ['type', Commands],
  laneKeeper: ['type', LaneKeeper],
  lanePicker: ['type', LanePicker],
};
