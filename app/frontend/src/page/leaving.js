// Signing out removes what a phone keeps for the scene; what was not brought back is asked about first.
import { waiting, wipe } from '../scene/store.js';

export function installLeaving(document) {
  const form = document.querySelector('form[data-sign-out]');
  if (!form) return;
  let ready = false;
  form.addEventListener('submit', async (event) => {
    if (ready) return;
    event.preventDefault();
    const count = await waiting().catch(() => 0);
    if (count && !window.confirm(`本机还有 ${count} 项现场记录没有同步，退出登录会清除它们。确定退出登录吗？`)) return;
    await wipe().catch(() => {});
    ready = true;
    form.submit();
  });
}
