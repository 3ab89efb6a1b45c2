// min-dom for bpmn-js, except that domify() never lets the HTML parser see style="…", which a
// `style-src 'self'` policy forbids. The declarations are set through the CSSOM instead, which it allows.
export * from 'min-dom?original';
import { domify as original } from 'min-dom?original';

const HELD = 'data-held-style';

export function domify(html, doc) {
  const held = typeof html === 'string' ? html.replace(/(<[^>]*?\s)style=(["'])/g, `$1${HELD}=$2`) : html;
  const made = original(held, doc);
  const elements = made.querySelectorAll ? [...made.querySelectorAll(`[${HELD}]`)] : [];
  if (made.hasAttribute?.(HELD)) elements.push(made);
  for (const element of elements) {
    element.style.cssText = element.getAttribute(HELD);
    element.removeAttribute(HELD);
  }
  return made;
}
