// Files are sent while one goes on writing, in parts: what has arrived stays arrived, after a lost connection and after a
// reload too (the key of an upload is made of what the file is). What the form then hands in is the server's sealed token.
// Without script, or where an upload fails for good, the file travels with the form as ever.

const RETRY = 4000;

const hex = (buffer) => [ ...new Uint8Array(buffer) ].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** SHA-256 as hexadecimal digits; empty where the page is not served securely and the browser offers none. */
export async function sum(content) {
  return globalThis.crypto?.subtle ? hex(await crypto.subtle.digest('SHA-256', content)) : '';
}

/** What an upload is known by: the same file for the same place has the same key. */
export async function keyOf(...parts) {
  const text = parts.join('\n');
  const found = await sum(new TextEncoder().encode(text));
  if (found) return found;
  let number = 0n;
  for (const char of text) number = (number * 1099511628211n + BigInt(char.codePointAt(0))) % 0xffffffffffffffffn;
  return number.toString(16).padStart(16, '0');
}

export const sizeOf = (size) => size < 1048576 ? `${Math.max(1, Math.round(size / 1024))} KB` : `${(size / 1048576).toFixed(1)} MB`;

export class Refused extends Error {}

async function ask(url, token, body, more = {}) {
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST', body, credentials: 'same-origin', redirect: 'manual',
    headers: { 'X-CSRF-Token': token(), Accept: 'application/json', ...more }
  });
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  if (answer.type === 'opaqueredirect' || answer.status === 401) throw new Refused('登录已过期，请重新登录后再上传。');
  if (answer.status < 500 && answer.status !== 429) {
    const { message } = await answer.json().catch(() => ({}));
    throw new Refused(message || '文件没有上传，请重新选择。');
  }
  throw new Error(`answer ${answer.status}`);
}

const fields = (given) => {
  const data = new FormData();
  for (const [ name, value ] of Object.entries(given)) if (value) data.append(name, value);
  return data;
};

/** Send a file and give what the server says of it (`token`, `digest`, …). `told(part)` hears of the progress (0 to 1);
 *  `waits()` is asked before another try after the network was away, and may reject to give up. */
export async function send(url, place, file, { token, told = () => {}, waits, expected = '', key = '' }) {
  const own = key || await keyOf(url, place.form, place.field, file.name, file.size, file.lastModified || 0);
  const begin = () => ask(url, token, fields({ ...place, key: own, name: file.name, size: String(file.size), sha256: expected }));
  for (;;) {
    try {
      const state = await begin();
      if (state.token) return state;
      const have = new Set(state.have);
      const count = Math.ceil(file.size / state.part_size);
      told(have.size / count);
      for (let number = 0; number < count; number++) {
        if (have.has(number)) continue;
        const part = await file.slice(number * state.part_size, (number + 1) * state.part_size).arrayBuffer();
        await ask(`${url}/${state.id}/parts/${number}`, token, part, {
          'Content-Type': 'application/octet-stream', 'X-Content-SHA256': await sum(part)
        });
        have.add(number);
        told(have.size / count);
      }
      return await ask(`${url}/${state.id}/complete`, token, fields(place));
    } catch (error) {
      if (error instanceof Refused || !waits) throw error;
      await waits();
    }
  }
}

const make = (name, text, className = '') => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

/** Until the network is back or somebody presses the button. */
function patience(button) {
  return () => new Promise((resolve, reject) => {
    let timer = 0;
    const end = (act) => () => {
      clearTimeout(timer);
      window.removeEventListener('online', go);
      act();
    };
    const go = end(resolve);
    window.addEventListener('online', go);
    if (navigator.onLine) timer = setTimeout(go, RETRY);
    button.addEventListener('click', end(() => reject(new Refused('已取消上传。'))), { once: true });
  });
}

function hidden(name, value) {
  const input = make('input');
  Object.assign(input, { type: 'hidden', name, value });
  return input;
}

function received(state, prefix) {
  const line = make('li');
  const gone = make('button', '移除', 'button-quiet');
  gone.type = 'button';
  gone.setAttribute('aria-label', `移除 ${state.name}`);
  gone.addEventListener('click', () => {
    const box = line.closest('[data-item], form');
    line.remove();
    box?.dispatchEvent(new Event('change', { bubbles: true }));
  });
  line.append(make('span', state.name, 'file-name'), ' ', make('span', sizeOf(state.size), 'file-size'), ' ',
    make('code', `SHA-256 ${state.digest.slice(0, 16)}…`, 'digest'), hidden(`${prefix}stored`, state.token), ' ', gone);
  line.querySelector('.digest').title = state.digest;
  return line;
}

function listBeside(input, alone) {
  let list = input.parentElement.querySelector(':scope > .stored-files');
  if (!list) {
    list = make('ul', '', 'stored-files');
    input.before(list);
  }
  if (alone) list.replaceChildren();
  return list;
}

async function take(form, input, file, token) {
  const prefix = input.name === 'file' ? '' : input.name.endsWith('.file') ? input.name.slice(0, -4) : `${input.name}.`;
  const place = { form: form.dataset.uploadsForm || '', field: input.name.split('.')[0] };
  const alone = !input.multiple;
  const box = make('div', '', 'uploading');
  const status = make('span', `正在上传“${file.name}”（${sizeOf(file.size)}）`);
  status.setAttribute('role', 'status');
  const bar = make('progress');
  bar.max = 1;
  bar.setAttribute('aria-label', `上传“${file.name}”的进度`);
  const stop = make('button', '取消', 'button-quiet');
  stop.type = 'button';
  box.append(status, bar, stop);
  input.after(box);
  const waits = patience(stop);
  try {
    const state = await send(form.dataset.uploads, place, file, {
      token,
      told: (part) => {
        bar.value = part;
        status.textContent = `正在上传“${file.name}”：${Math.round(part * 100)}%（${sizeOf(file.size)}）`;
      },
      waits: () => {
        status.textContent = `网络不通，“${file.name}”已传 ${Math.round(bar.value * 100)}%，恢复后接着上传。`;
        return waits();
      }
    });
    listBeside(input, alone).append(received(state, prefix));
    box.remove();
    form.dispatchEvent(new Event('change', { bubbles: true }));
  } catch (error) {
    box.classList.add('failed');
    bar.remove();
    stop.remove();
    status.textContent = error instanceof Refused ? error.message : `“${file.name}”没有上传，请重新选择。`;
  }
}

/** Take over the file controls of a form whose page takes parts (`data-uploads`). */
export function startUploads(form, token) {
  if (!form.dataset.uploads) return;
  let under = 0;
  form.addEventListener('change', async (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== 'file' || !input.files.length) return;
    const chosen = [ ...input.files ];
    input.value = ''; // what is sent in parts does not travel with the form again
    under++;
    for (const file of chosen) await take(form, input, file, token);
    under--;
  });
  form.addEventListener('submit', (event) => {
    if (!under) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const status = form.querySelector('.uploading [role="status"]');
    if (status) {
      status.textContent = '文件还在上传，传完后再提交。';
      status.scrollIntoView({ block: 'center' });
    }
  }, { capture: true });
}
