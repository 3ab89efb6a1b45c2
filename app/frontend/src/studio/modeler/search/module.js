// Finding elements by name, id, legal step or duty.
import searchModule from 'bpmn-js/lib/features/search';
import { getLabel, isLabel } from 'bpmn-js/lib/util/LabelUtil';

class StudioSearch {
  static $inject = ['elementRegistry', 'searchPad', 'canvas', 'search', 'studio'];

  constructor(elementRegistry, searchPad, canvas, search, studio) {
    Object.assign(this, { elementRegistry, canvas, search, studio });
    searchPad.registerProvider(this);
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
