// Doubts about an identity code while it is typed; app/forms/codes.py decides. Both run tests/forms/vectors.json.

const USCC = '0123456789ABCDEFGHJKLMNPQRTUWXY';

export const normalise = (text) => text.normalize('NFKC').replace(/[\s\-‐-―－]/g, '').toUpperCase();

function usccIsSound(code) {
  if (!/^[1-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(code)) return false;
  let sum = 0, weight = 1;
  for (const char of code.slice(0, 17)) {
    sum += USCC.indexOf(char) * weight;
    weight = weight * 3 % 31;
  }
  return USCC[(31 - sum % 31) % 31] === code[17];
}

function residentIsSound(code) {
  if (!/^[1-9][0-9]{16}[0-9X]$/.test(code)) return false;
  const [ year, month, day ] = [ code.slice(6, 10), code.slice(10, 12), code.slice(12, 14) ].map(Number);
  const born = new Date(Date.UTC(year, month - 1, day));
  if (year < 1900 || born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day || born > new Date()) return false;
  let sum = 0;
  for (let place = 0; place < 17; place++) sum += Number(code[place]) * (2 ** (17 - place) % 11);
  return '10X98765432'[sum % 11] === code[17];
}

/** A doubt in words, or '' when the code looks right. `kind` is that of the party. */
export function checkCode(kind, text) {
  const code = normalise(text);
  if (kind === 'person') return residentIsSound(code) ? '' : '公民身份号码似有误，请逐位核对。';
  return usccIsSound(code) ? '' : '统一社会信用代码似有误，请逐位核对。';
}
