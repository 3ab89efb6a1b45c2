// The menu "更改类型": only kinds that the engine runs.
import ReplaceMenuProvider from 'bpmn-js/lib/features/popup-menu/ReplaceMenuProvider';
import popupMenu from 'bpmn-js/lib/features/popup-menu';
import { runs } from '../kinds.js';

const HEADERS = new Set(['toggle-non-interrupting']);

class ReplaceMenu extends ReplaceMenuProvider {
  static $inject = [...ReplaceMenuProvider.$inject, 'studio'];

  constructor(...services) {
    super(...services.slice(0, -1));
    this.studio = services.at(-1);
  }

  _createEntries(target, options) {
    const { which } = this.studio;
    return super._createEntries(target, options.filter((option) => runs(option.target ?? {}, which)));
  }

  /** A condition is written on flows out of gateways, in the properties. */
  _createSequenceFlowEntries(target, options) {
    return super._createSequenceFlowEntries(target, options.filter((option) => option.actionName !== 'replace-with-conditional-flow'));
  }

  getPopupMenuHeaderEntries(target) {
    return Object.fromEntries(Object.entries(super.getPopupMenuHeaderEntries(target)).filter(([name]) => HEADERS.has(name)));
  }
}

export default { __depends__: [popupMenu], replaceMenuProvider: ['type', ReplaceMenu] };
