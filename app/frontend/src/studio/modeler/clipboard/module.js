// One clipboard for both diagrams and for all tabs of the browser.
import copyPaste from 'bpmn-js/lib/features/copy-paste';
import { read, written } from './moddle.js';

const KEY = 'xq.studio.copied';
let here = null; // where the browser keeps nothing, the two diagrams of this page still share

class SharedClipboard {
  static $inject = ['moddle'];

  constructor(moddle) { this.moddle = moddle; }

  set(tree) {
    here = written(tree);
    try {
      localStorage.setItem(KEY, here);
    } catch {
      // full or forbidden: this page keeps it
    }
  }

  text() {
    try {
      return localStorage.getItem(KEY) ?? here;
    } catch {
      return here;
    }
  }

  get() {
    const text = this.text();
    try {
      return text ? read(text, this.moddle) : undefined;
    } catch {
      return undefined; // another release wrote it
    }
  }

  clear() {
    const tree = this.get();
    here = null;
    localStorage.removeItem(KEY);
    return tree;
  }

  isEmpty() { return !this.text(); }
}

/** Paste where the mouse is; without a mouse over the drawing, into the middle of what is seen. */
class KeyboardPaste {
  static $inject = ['eventBus', 'canvas', 'elementRegistry', 'mouse', 'clipboard'];

  constructor(eventBus, canvas, elementRegistry, mouse, clipboard) {
    eventBus.on('copyPaste.pasteElements', 3000, (context) => {
      const over = document.elementsFromPoint?.(mouse.getLastMoveEvent()?.clientX ?? -1, mouse.getLastMoveEvent()?.clientY ?? -1) ?? [];
      if (context.element || over.some((element) => canvas.getContainer().contains(element))) return;
      const view = canvas.viewbox();
      const pool = elementRegistry.find((element) => element.type === 'bpmn:Participant');
      context.element = pool ?? canvas.getRootElement();
      context.point = { x: Math.round(view.x + view.width / 2), y: Math.round(view.y + view.height / 2) };
      context.tree ??= clipboard.get();
    });
  }
}

export default { __depends__: [copyPaste], __init__: ['keyboardPaste'], clipboard: ['type', SharedClipboard], keyboardPaste: ['type', KeyboardPaste] };
