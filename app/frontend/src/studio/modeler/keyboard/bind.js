// Keys that bpmn-js does not know: adding steps, walking along the flow, going to the properties, help.
import { fit } from '../../../diagram/fit.js';
import { showKeys } from './help.js';

/** Elements in reading order: along the flow, then down. */
function inOrder(elementRegistry) {
  return elementRegistry.filter((element) => element.parent && element.type !== 'label' && !element.waypoints && !/Participant$|Lane$/.test(element.type))
    .sort((a, b) => a.x - b.x || a.y - b.y);
}

function step(editor, by) {
  const elements = inOrder(editor.get('elementRegistry'));
  if (!elements.length) return;
  const at = elements.indexOf(editor.get('selection').get()[0]);
  const next = elements[at < 0 ? (by > 0 ? 0 : elements.length - 1) : (at + by + elements.length) % elements.length];
  editor.get('selection').select(next);
  editor.get('canvas').scrollToElement(next, { top: 80, bottom: 80, left: 80, right: 80 });
}

/** Give an editor its keys; `openProperties` puts the focus into the panel. */
export function bindKeys(editor, { editable, openProperties }) {
  const keyboard = editor.get('keyboard');
  const acts = {
    ']': () => step(editor, 1),
    '[': () => step(editor, -1),
    Enter: () => editor.get('selection').get().length && openProperties(),
    '?': () => showKeys(),
    m: () => editor.get('minimap').toggle(),
    M: () => editor.get('minimap').toggle(),
    ...(editable ? { n: () => editor.get('stepPicker').add(), N: () => editor.get('stepPicker').add() } : {}),
  };
  keyboard.addListener(1500, ({ keyEvent: event }) => {
    if ((event.ctrlKey || event.metaKey) && event.key === '9') {
      fit(editor);
      return true;
    }
    const act = event.ctrlKey || event.metaKey || event.altKey ? null : acts[event.key];
    if (!act) return undefined;
    act();
    return true;
  });
}
