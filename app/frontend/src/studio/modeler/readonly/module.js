// A draft under review, published or given up can be looked at and copied from, not changed.
import RuleProvider from 'diagram-js/lib/features/rules/RuleProvider';

const REFUSED = [
  'elements.move', 'elements.create', 'elements.delete', 'elements.align', 'elements.distribute', 'shape.create', 'shape.append', 'shape.attach', 'shape.resize', 'shape.replace',
  'connection.create', 'connection.start', 'connection.reconnect', 'connection.updateWaypoints', 'element.autoResize', 'elements.paste',
];
const LAST_WORD = 10_000;

class NoChange extends RuleProvider {
  static $inject = ['eventBus'];

  init() { this.addRule(REFUSED, LAST_WORD, () => false); }
}

const nothing = () => false;

export default {
  __init__: ['noChange'],
  noChange: ['type', NoChange],
  paletteProvider: ['value', null],
  paletteKeys: ['value', null],
  contextPadProvider: ['value', null],
  alignElementsContextPadProvider: ['value', null],
  distributeElementsMenuProvider: ['value', null],
  directEditing: ['value', { activate: nothing, isActive: nothing, cancel: nothing, complete: nothing, close: nothing, registerProvider: nothing }],
};
