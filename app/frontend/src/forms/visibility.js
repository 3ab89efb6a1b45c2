// Shows and hides items as app/forms/visibility.py does: answers of hidden items count as not given. Conditions
// never form a circle (the definition is refused), so repeating reaches the one consistent state.
import { evaluate } from '../conditions.js';
import { factsOf } from './answers.js';

// Controls that may say of themselves that they must be filled in; parts of a composite are asked by the server.
const ASKED = ':is([data-type=text], [data-type=textarea], [data-type=number], [data-type=money], [data-type=date],' +
  ' [data-type=datetime], [data-type=select], [data-type=person], [data-type=file]) :is(input, select, textarea)' +
  ':not([type=radio], [type=checkbox], [type=hidden]), [role=radiogroup]';

function survey(body) {
  const data = {};
  for (const box of body.querySelectorAll('[data-item]')) {
    if (!box.hidden) Object.assign(data, factsOf(box));
  }
  return data;
}

function show(box, visible) {
  box.hidden = !visible;
  // a disabled control is not posted; the server would drop it anyway
  for (const control of box.querySelectorAll('[name]')) control.disabled = !visible;
}

/** Bring the page to the state its answers call for. */
export function refresh(body) {
  const boxes = [ ...body.querySelectorAll('[data-when]') ];
  for (let pass = 0; pass <= boxes.length; pass++) {
    const data = survey(body);
    let changed = false;
    for (const box of boxes) {
      const visible = evaluate(JSON.parse(box.dataset.when), data);
      if (box.hidden === visible) {
        show(box, visible);
        changed = true;
      }
    }
    if (!changed) break;
  }
  for (const box of boxes) if (box.hidden) show(box, false);
  demand(body);
  for (const box of body.querySelectorAll('[data-organisation-only]')) organisationOnly(box);
}

/** Stars and states of what must be answered only where its condition holds. */
function demand(body) {
  const boxes = body.querySelectorAll('[data-required-when]');
  if (!boxes.length) return;
  const data = survey(body);
  for (const box of boxes) {
    const needed = evaluate(JSON.parse(box.dataset.requiredWhen), data);
    for (const star of box.querySelectorAll('[data-star]')) star.hidden = !needed;
    for (const control of box.querySelectorAll(ASKED)) {
      if (needed) control.setAttribute('aria-required', 'true');
      else control.removeAttribute('aria-required');
    }
  }
}

/** A natural person has no legal representative. */
function organisationOnly(box) {
  const party = box.closest('[data-party]');
  const outer = box.closest('[data-when]');
  const kind = party.querySelector('[name$=".kind"]:checked');
  box.hidden = Boolean(kind) && kind.value === 'person';
  for (const control of box.querySelectorAll('[name]')) control.disabled = box.hidden || Boolean(outer && outer.hidden);
}
