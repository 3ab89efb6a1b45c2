// Remarks: select words with the mouse, or stand on a passage and press Enter; write; save. The server answers with
// the text and the list as they now are.
import { quoted, sourceOf } from './places.js';

const key = () => [ ...crypto.getRandomValues(new Uint8Array(16)) ].map((each) => each.toString(16).padStart(2, '0')).join('');

export function installRemarks(bench, places) {
  const dialog = document.getElementById('remark-dialog');
  const form = dialog.querySelector('form');
  const quote = dialog.querySelector('[data-quote]');
  const problem = dialog.querySelector('[data-problem]');
  const here = document.querySelector('[data-remark-here]');
  const told = document.querySelector('[data-told]');
  const action = form.getAttribute('action');
  let from = null; // where the focus returns to: an id of what may have been set anew, or an element
  let offset = 0; // where the shown words begin in their passage

  const unsaved = new Map(); // what was typed and not saved, by passage or remark

  const say = (text) => { told.textContent = text; };
  const token = () => form.elements._csrf.value;

  function open(title, url) {
    problem.hidden = true;
    form.setAttribute('action', url);
    form.elements._key.value = key();
    dialog.querySelector('h2').textContent = title;
    here.hidden = true;
    dialog.showModal();
  }

  const place = () => from && (from.remark || `${from.source} ${from.passage}`);

  function write(passage, start, text) {
    from = { source: sourceOf(passage), passage: passage.dataset.passage };
    form.reset();
    form.elements.source.value = from.source;
    form.elements.passage.value = from.passage;
    offset = start;
    quote.value = text;
    form.elements.text.value = unsaved.get(place()) || '';
    open('写批注', action);
    form.elements.text.focus();
  }

  function rewrite(item) {
    from = { remark: item.dataset.remark };
    form.reset();
    quote.value = item.dataset.quote;
    form.elements.kind.value = item.dataset.kind;
    form.elements.point.value = item.dataset.point;
    form.elements.text.value = unsaved.get(place()) || item.dataset.text;
    open('修改批注', `${action}/${item.dataset.remark}`);
    form.elements.text.focus();
  }

  /** Put the parts the server has set anew in the place of those on the page. */
  function replace(html) {
    const made = new DOMParser().parseFromString(html, 'text/html');
    for (const part of made.body.querySelectorAll(':scope > [id]')) {
      document.getElementById(part.id)?.replaceWith(document.importNode(part, true));
    }
    places.refresh();
    bench.dispatchEvent(new CustomEvent('remarks', { bubbles: true }));
  }

  async function send(url, data) {
    const answer = await fetch(url, { method: 'POST', body: data, credentials: 'same-origin', redirect: 'manual', headers: { 'X-CSRF-Token': token(), 'HX-Request': 'true' } });
    const text = answer.type === 'opaqueredirect' || answer.status === 204 ? '' : await answer.text();
    if (answer.ok && text) return text;
    const page = new DOMParser().parseFromString(text, 'text/html');
    const words = page.body.textContent.replace(/\s+/g, ' ').trim();
    throw new Error(words || '登录已过期，请在新窗口重新登录后再保存。');
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const chosen = quote.value.slice(quote.selectionStart, quote.selectionEnd);
    const data = new FormData(form);
    data.set('quote', chosen.trim() ? chosen : quote.value);
    data.set('start', String(offset + (chosen.trim() ? quote.selectionStart : 0)));
    const button = form.querySelector('.primary');
    button.disabled = true;
    try {
      replace(await send(form.getAttribute('action'), data));
      form.elements.text.value = '';
      dialog.close();
      say('批注已保存。');
    } catch (error) {
      problem.textContent = error instanceof TypeError ? '网络不通，批注还没有保存。请稍后再点保存。' : error.message;
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });

  // not the attribute `readonly`: with it Chromium moves no caret, and nothing could be selected by keyboard
  quote.addEventListener('beforeinput', (event) => event.preventDefault());

  dialog.addEventListener('close', () => {
    unsaved.set(place(), form.elements.text.value);
    const passage = from?.source && bench.querySelector(`[data-source="${CSS.escape(from.source)}"] [data-passage="${CSS.escape(from.passage)}"]`);
    if (passage) places.stand(passage);
    else if (from?.remark) bench.querySelector(`[data-remark="${CSS.escape(from.remark)}"] [data-change]`)?.focus();
  });
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());

  bench.addEventListener('keydown', (event) => {
    const passage = event.target.matches?.('[data-passage]') && event.target;
    if (!passage || event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    const chosen = quoted(getSelection(), bench);
    if (chosen && chosen.passage === passage) write(passage, chosen.start, chosen.text);
    else write(passage, 0, passage.textContent);
  });

  document.addEventListener('selectionchange', () => {
    const chosen = dialog.open ? null : quoted(getSelection(), bench);
    here.hidden = !chosen;
    if (!chosen) return;
    const box = getSelection().getRangeAt(0).getBoundingClientRect();
    here.style.left = `${Math.min(Math.max(8, box.left), innerWidth - 100)}px`;
    here.style.top = `${Math.min(box.bottom + 6, innerHeight - 44)}px`;
  });
  here.addEventListener('pointerdown', (event) => event.preventDefault()); // the selection stays
  here.addEventListener('click', () => {
    const chosen = quoted(getSelection(), bench);
    if (chosen) write(chosen.passage, chosen.start, chosen.text);
  });

  bench.addEventListener('click', async (event) => {
    const change = event.target.closest('[data-change]');
    if (change) rewrite(change.closest('[data-remark]'));
    const remove = event.target.closest('[data-remove]');
    if (!remove) return;
    remove.disabled = true;
    const data = new FormData();
    data.set('_csrf', token());
    try {
      replace(await send(remove.dataset.remove, data));
      say('批注已删除。');
      const heading = document.querySelector('#remarks h3');
      heading.tabIndex = -1;
      heading.focus();
    } catch {
      remove.disabled = false;
      say('批注没有删除，请稍后再试。');
    }
  });
}
