// Finding elements by name, id, legal step or duty.
import searchModule from 'bpmn-js/lib/features/search';
import { getLabel, isLabel } from 'bpmn-js/lib/util/LabelUtil';

class StudioSearch {
  static $inject = ['elementRegistry', 'searchPad', 'canvas', 'search', 'studio', 'eventBus'];

  constructor(elementRegistry, searchPad, canvas, search, studio, eventBus) {
    Object.assign(this, { elementRegistry, canvas, search, studio });
    searchPad.registerProvider(this);
    eventBus.on('searchPad.opened', () => this.listen());
  }

  /** The pad listens for keys; Chinese input methods, pasting and speech put text in without one. */
  listen() {
    const input = this.canvas.getContainer().querySelector('.djs-search-input input');
    if (!input || input.dataset.heard) return;
    input.dataset.heard = '';
    input.addEventListener('input', (event) => {
      if (!event.isComposing) input.dispatchEvent(new KeyboardEvent('keyup', { key: 'Unidentified', bubbles: true }));
    });
    input.addEventListener('compositionend', () => input.dispatchEvent(new KeyboardEvent('keyup', { key: 'Unidentified', bubbles: true })));
  }

  find(pattern) {
    const roots = this.canvas.getRootElements();
    const elements = this.elementRegistry.filter((element) => !isLabel(element) && !roots.includes(element));
    const items = elements.map((element) => {
      const tag = element.businessObject.get?.('xq:step') ?? '';
      return { element, label: getLabel(element), step: tag ? `${this.studio.workbench.vocabulary.stepName(tag)} ${tag}` : '', id: element.id };
    });
    return this.search(items, pattern, { keys: ['label', 'step', 'id'] })
      .map(({ item, tokens }) => ({ element: item.element, primaryTokens: tokens.label, secondaryTokens: item.step ? tokens.step : tokens.id }));
  }
}

export default { __depends__: [searchModule], bpmnSearch: ['type', StudioSearch] };
