// Amounts of money: the twin of app/kernel/money.py. Both run tests/forms/vectors.json.

const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const PLACES = [ '', '拾', '佰', '仟' ];

/** What a person typed as an amount or number, without separators: ￥１２,３４５元 → 12345. */
export function plain(text) {
  return text.normalize('NFKC').replace(/^[ \t]+|[ \t]+$/g, '').replace(/[ \t,¥]|元$/g, '');
}

function group(number) {
  let text = '', gap = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(number / 10 ** place) % 10;
    if (digit) {
      text += (gap ? DIGITS[0] : '') + DIGITS[digit] + PLACES[place];
      gap = false;
    } else {
      gap = gap || text !== '';
    }
  }
  return text;
}

function integer(number) {
  for (const [ unit, size ] of [ [ '亿', 10n ** 8n ], [ '万', 10n ** 4n ] ]) {
    const high = number / size, low = number % size;
    if (high) return integer(high) + unit + (low && low < size / 10n ? DIGITS[0] : '') + integer(low);
  }
  return group(Number(number));
}

/** The amount in capital numerals, or '' when the text is no amount that can be spelled. */
export function upper(text) {
  const match = /^(-?)([0-9]{1,16})(?:\.([0-9]{1,2}))?$/.exec(text);
  if (!match) return '';
  const yuan = BigInt(match[2]), cents = (match[3] || '').padEnd(2, '0');
  const jiao = Number(cents[0]), fen = Number(cents[1]);
  let spelled = match[1] && (yuan || jiao || fen) ? '负' : '';
  if (yuan || !(jiao || fen)) spelled += (integer(yuan) || DIGITS[0]) + '元';
  if (jiao) spelled += DIGITS[jiao] + '角';
  else if (fen && yuan) spelled += DIGITS[0];
  return spelled + (fen ? DIGITS[fen] + '分' : '整');
}
