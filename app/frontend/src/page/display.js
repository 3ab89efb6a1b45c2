// High contrast and large letters, without a reload. Without script the same links work through the server.
const COOKIE = 'xq_display';
const YEAR = 365 * 24 * 3600;

/** `{contrast: 'high'}` as the cookie the server reads. */
export function encode(wishes) {
  return Object.keys(wishes).sort().map((name) => `${name}:${wishes[name]}`).join('|');
}

export function installDisplay(document) {
  const root = document.documentElement;
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[data-display]');
    if (!link) return;
    event.preventDefault();
    const name = link.dataset.display;
    const other = link.dataset.other;
    const on = root.dataset[name] !== other;
    root.dataset[name] = on ? other : 'normal';
    const wishes = { contrast: root.dataset.contrast ?? 'normal', size: root.dataset.size ?? 'normal' };
    const secure = document.location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${COOKIE}=${encode(wishes)}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
    for (const twin of document.querySelectorAll(`a[data-display="${name}"]`)) {
      twin.setAttribute('aria-pressed', String(on));
      const target = new URL(twin.href);
      target.searchParams.set(name, on ? 'normal' : other);
      twin.href = target.href;
    }
  });
}
