// Turning push messages on and off in this browser (通知设置).

/** The bytes of a base64url text. */
export function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

/** Base64url of a buffer, without padding. */
export function base64url(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** What this browser can do, in words; empty: everything that is needed. */
export function lacking(window) {
  if (!window.isSecureContext) return '浏览器提醒需要用 HTTPS 打开本系统。';
  if (!('serviceWorker' in window.navigator) || !('PushManager' in window) || !('Notification' in window)) return '这个浏览器不支持提醒，请换用新版 Edge、Chrome 或者 Firefox。';
  if (window.Notification.permission === 'denied') return '这个浏览器禁止了本系统的通知，请先在浏览器的网站设置中允许。';
  return '';
}

export function installPush(document, window) {
  const card = document.querySelector('[data-push]');
  const state = card?.querySelector('[data-push-state]');
  if (!state) return;
  const start = card.querySelector('[data-push-start]');
  const stop = card.querySelector('[data-push-stop]');
  const say = (text) => { state.textContent = text; };
  const show = (on) => {
    start.hidden = on;
    stop.hidden = !on;
    say(on ? '这个浏览器已经开通提醒。' : '这个浏览器还没有开通提醒。');
  };
  const scope = new URL('./', new URL(card.dataset.pushWorker, window.location.href)).href;

  async function post(address, fields) {
    const response = await fetch(address, { method: 'POST', body: new URLSearchParams(fields), credentials: 'same-origin',
      headers: { Accept: 'application/json', 'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]')?.content ?? '' } });
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).message ?? '没有保存，请稍后再试。');
  }

  async function subscription() {
    const registration = await window.navigator.serviceWorker.getRegistration(scope);
    return registration?.scope === scope ? registration.pushManager.getSubscription() : null;
  }

  async function turnOn() {
    if ((await window.Notification.requestPermission()) !== 'granted') {
      say(lacking(window) || '没有允许通知，提醒没有开通。');
      return;
    }
    const registration = await window.navigator.serviceWorker.register(card.dataset.pushWorker, { scope });
    await active(registration);
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(card.dataset.pushKey) });
    await post(card.dataset.pushOn, { endpoint: made.endpoint, p256dh: base64url(made.getKey('p256dh')), auth: base64url(made.getKey('auth')) });
    window.location.reload();
  }

  async function turnOff() {
    const made = await subscription();
    if (made) {
      await post(card.dataset.pushOff, { endpoint: made.endpoint });
      await made.unsubscribe();
    }
    window.location.reload();
  }

  const guarded = (act, button) => async () => {
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      say(error instanceof Error && /[\u4e00-\u9fff]/.test(error.message) ? error.message : '浏览器没有完成，请检查网络后再试。');
    } finally {
      button.disabled = false;
    }
  };
  const missing = lacking(window);
  if (missing) {
    say(missing);
    return;
  }
  start.addEventListener('click', guarded(turnOn, start));
  stop.addEventListener('click', guarded(turnOff, stop));
  subscription().then((made) => show(Boolean(made)), () => show(false));
}

/** Resolves when the worker of a registration is at work. */
function active(registration) {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (!worker || worker.state === 'activated') return Promise.resolve();
  return new Promise((resolve) => {
    worker.addEventListener('statechange', () => { if (worker.state === 'activated') resolve(); });
  });
}
