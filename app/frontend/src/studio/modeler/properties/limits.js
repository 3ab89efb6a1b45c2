// Times as the diagrams write them: 5wd working days, 30d days, 24h hours.
const LIMIT = /^([1-9][0-9]{0,4})(wd|d|h)$/;

export const UNITS = [{ value: 'wd', label: '工作日' }, { value: 'd', label: '日' }, { value: 'h', label: '小时' }];

/** `{ number, unit }`, or null where the text is no time. */
export function readLimit(text) {
  const found = LIMIT.exec((text ?? '').trim());
  return found ? { number: found[1], unit: found[2] } : null;
}

/** How a time is said: 5 个工作日. What is none stays as it is. */
export function spoken(text) {
  const limit = readLimit(text);
  if (!limit) return text ?? '';
  return { wd: `${limit.number} 个工作日`, d: `${limit.number} 日`, h: `${limit.number} 小时` }[limit.unit];
}
