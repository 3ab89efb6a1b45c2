// Threads of remarks: which are shown, and how many are open where. Pure.

/** Those to be shown: all or the open ones, everywhere or at one place ({ path, element }). */
export function chosen(threads, { settled = false, place = null } = {}) {
  return threads.filter((thread) => (settled || !thread.settled)
    && (!place || (thread.path === place.path && thread.element === place.element)));
}

/** Open threads at the elements of a file: element id → number. */
export function openAt(threads, path) {
  const found = new Map();
  for (const thread of threads) if (!thread.settled && thread.path === path && thread.element) found.set(thread.element, (found.get(thread.element) ?? 0) + 1);
  return found;
}

export const openCount = (threads) => threads.filter((thread) => !thread.settled).length;

/** When something was said, in the words of the day. */
export function said(at, now = new Date()) {
  const moment = new Date(at);
  const options = { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hour12: false };
  const day = (date) => date.toLocaleDateString('zh-CN', { timeZone: 'Asia/Shanghai' });
  if (day(moment) === day(now)) return `今天 ${moment.toLocaleTimeString('zh-CN', options)}`;
  return moment.toLocaleString('zh-CN', { ...options, year: 'numeric', month: 'numeric', day: 'numeric' });
}
