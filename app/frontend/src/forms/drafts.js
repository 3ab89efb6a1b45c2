// Nothing typed is lost. The form is posted to its data-draft address a moment after the last change; if that
// fails, a copy stays in this browser until it has been saved or dropped. Files travel with the act only.
import { addRow } from './rows.js';

const DELAY = 1500;
const RETRY = 15000;
const KEPT_DAYS = 7;
const PREFIX = 'xq-draft:';

const clock = () => new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });

function entries(form) {
  const data = new FormData(form);
  const kept = new FormData();
  for (const [ name, value ] of data) if (typeof value === 'string') kept.append(name, value);
  return kept;
}

function answersOnly(data) {
  return [ ...data ].filter(([ name ]) => !name.startsWith('_') && !name.includes('csrf'));
}

/** The copy in this browser; storage may be forbidden or full, then there is simply none. */
function localCopy(key) {
  return {
    read() {
      try {
        const copy = JSON.parse(localStorage.getItem(key));
        return copy && Date.now() - copy.at < KEPT_DAYS * 86400000 ? copy : null;
      } catch {
        return null;
      }
    },
    write(pairs, submitted = false) {
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), pairs, submitted }));
        return true;
      } catch {
        return false;
      }
    },
    drop() {
      try {
        localStorage.removeItem(key);
      } catch {
        // nothing was stored where storing is forbidden
      }
    }
  };
}

function token(form) {
  const meta = document.querySelector('meta[name="csrf-token"]');
  const input = form.querySelector('input[name="_csrf"], input[name="csrf_token"]');
  return (input && input.value) || (meta && meta.getAttribute('content')) || '';
}

/** Give the controls of a form these answers again. */
export function restore(body, pairs) {
  const seen = new Map();
  for (const control of body.querySelectorAll('[name]')) {
    if (control.type === 'checkbox' || control.type === 'radio') control.checked = false;
  }
  for (const [ name, value ] of pairs) {
    const row = /^([a-z][a-z0-9_]*)\.(\d+)\./.exec(name);
    const box = row && body.querySelector(`[data-rows="${CSS.escape(row[1])}"]`);
    let controls = [ ...body.querySelectorAll(`[name="${CSS.escape(name)}"]`) ];
    for (let more = 0; box && !controls.length && more < 200 && addRow(box); more++) {
      controls = [ ...body.querySelectorAll(`[name="${CSS.escape(name)}"]`) ];
    }
    const place = seen.get(name) || 0;
    seen.set(name, place + 1);
    const [ first ] = controls;
    if (!first || first.type === 'hidden' || first.type === 'file') continue;
    if (first.type === 'checkbox' || first.type === 'radio') {
      for (const control of controls) if (control.value === value) control.checked = true;
    } else if (controls[place]) {
      controls[place].value = value;
    }
  }
}

function offer(status, copy, accept, refuse) {
  const when = new Date(copy.at).toLocaleString('zh-CN', { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false });
  status.textContent = `本机保存有 ${when} 尚未上传的内容。`;
  for (const [ label, act ] of [ [ '恢复', accept ], [ '放弃', refuse ] ]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button-quiet';
    button.textContent = label;
    button.addEventListener('click', act);
    status.append(' ', button);
  }
}

const keyOf = (form) => `${PREFIX}${form.getAttribute('data-draft-owner') || ''}:${form.getAttribute('data-draft')}`;

/** An act that led to another page has arrived: forget what was kept in case it would not. */
export function forgetSubmitted(forms) {
  const here = new Set([ ...forms ].map(keyOf));
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && !here.has(key) && (localCopy(key).read() || { submitted: true }).submitted) {
        localStorage.removeItem(key);
      }
    }
  } catch {
    // nothing was stored where storing is forbidden
  }
}

export function startDrafts(form, body, changed) {
  const url = form.getAttribute('data-draft');
  const status = body.querySelector('[data-draft-status]');
  if (!url || !status) return;
  // beside the button, where the eyes are when one wonders whether anything was kept
  form.querySelector('[data-draft-place]')?.append(status);
  const copy = localCopy(keyOf(form));
  let timer = 0, running = false, again = false, left = false, dirty = false;

  const plan = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  async function save() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    dirty = false;
    const data = entries(form);
    try {
      const answer = await fetch(url, {
        method: 'POST', body: data, credentials: 'same-origin', redirect: 'manual',
        headers: { 'X-CSRF-Token': token(form), Accept: 'application/json' }
      });
      if (left) return;
      if (answer.ok) {
        copy.drop();
        // where two may write, the page goes on from what was kept
        const version = answer.headers.get('X-Version');
        if (version) form.elements._version.value = version;
        status.textContent = `已自动保存 ${clock()}`;
      } else if ([ 409, 413, 422 ].includes(answer.status)) {
        const { message } = await answer.json().catch(() => ({}));
        status.textContent = message || '内容没有保存，请检查后再试。';
      } else {
        keep(data, answer.status === 401 || answer.type === 'opaqueredirect' ? '登录已过期，请在新窗口重新登录。' : '');
      }
    } catch {
      if (!left) {
        keep(data, '网络不通。');
        plan(RETRY);
      }
    } finally {
      running = false;
      if (again && !left) {
        again = false;
        plan(DELAY);
      }
    }
  }

  function keep(data, why) {
    dirty = true;
    const stored = copy.write(answersOnly(data));
    status.textContent = why + (stored ? `内容已暂存本机 ${clock()}，恢复后自动上传。` : '内容没有保存，请不要关闭本页。');
  }

  const watch = (event) => {
    dirty = true;
    if (event.target.type !== 'file') plan(DELAY);
  };
  body.addEventListener('input', watch);
  body.addEventListener('change', watch);
  window.addEventListener('online', () => copy.read() && plan(0));
  form.addEventListener('submit', () => {
    left = true;
    clearTimeout(timer);
    // should the act not arrive, what was typed since the last draft is still here
    if (dirty) copy.write(answersOnly(entries(form)), true);
  });
  window.addEventListener('pageshow', () => { left = false; });

  const found = copy.read();
  if (found && body.querySelector('[data-error-summary]')) {
    copy.drop(); // the server has answered and shows what was typed
  } else if (found) {
    offer(status, found, () => {
      restore(body, found.pairs);
      changed();
      status.textContent = '已恢复。';
      plan(0);
    }, () => {
      copy.drop();
      status.textContent = '已放弃本机保存的内容。';
    });
  }
}
