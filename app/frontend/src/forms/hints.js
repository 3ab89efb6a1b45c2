// What a person sees while typing: 大写 of amounts and doubts about identity codes. Only hints: the server decides.
import { checkCode } from '../identity.js';
import { plain, upper } from '../money.js';

function spell(body) {
  for (const place of body.querySelectorAll('[data-upper-of]')) {
    const input = document.getElementById(place.dataset.upperOf);
    if (input) place.textContent = input.value.trim() ? upper(plain(input.value)) : '';
  }
}

function doubt(party, typing) {
  const input = party.querySelector('[data-identity-code]');
  const place = party.querySelector('[data-identity-hint]');
  const kind = party.querySelector('[name$=".kind"]:checked');
  if (!input || !place || !kind) return;
  const text = input.value.trim();
  if (!text) place.textContent = '';
  // while somebody is still typing, a short code is not yet a wrong one
  else if (!typing || text.length >= 18) place.textContent = checkCode(kind.value, text);
}

/** Renew the hints after an event at `target` (or all of them). */
export function hintAt(body, target) {
  spell(body);
  for (const party of body.querySelectorAll('[data-party]')) {
    if (!target || party.contains(target)) doubt(party, target && target === document.activeElement);
  }
}
