// The tour: who is asked, which stops can be shown, where its panel stands; the bytes of push keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beside } from '../src/guide/place.js';
import { mayAsk, reachable, withAccount } from '../src/guide/tour.js';
import { base64url, bytes } from '../src/notification/push.js';

test('a browser asks once for each account', () => {
  assert.equal(mayAsk(null, '7'), true);
  assert.equal(mayAsk('7', '7'), false);
  assert.equal(mayAsk('17', '7'), true);
  assert.equal(mayAsk('off', '7'), false);
  assert.equal(withAccount(null, '7'), '7');
  assert.equal(withAccount('3', '7'), '3 7');
  assert.equal(withAccount('3 7', '7'), '3 7');
});

test('stops without their element are left out, but not those behind a link', () => {
  const stops = [{ title: 'a' }, { title: 'b', at: '.b' }, { title: 'c', at: '.c' }, { title: 'd', at: '.d', page: 'a' }, { title: 'e', at: '.e' }];
  const shown = reachable(stops, (selector) => selector === '.b');
  assert.deepEqual(shown.map((stop) => stop.title), ['a', 'b', 'd', 'e']);
});

test('the panel stays in the window, wherever what it speaks of stands', () => {
  const panel = { width: 336, height: 200 };
  const window = { width: 360, height: 740 };
  for (let top = -2000; top < 3000; top += 50) {
    for (const [left, height] of [[0, 20], [300, 600], [-400, 2000]]) {
      const at = beside({ left, top, right: left + 100, bottom: top + height }, panel, window);
      assert.ok(at.left >= 0 && at.left + panel.width <= window.width, `left ${at.left}`);
      assert.ok(at.top >= 0 && at.top + panel.height <= window.height, `top ${at.top} for ${top}`);
    }
  }
  assert.equal(beside({ left: 40, top: 100, right: 80, bottom: 120 }, panel, window).top, 132);
  assert.equal(beside({ left: 40, top: 700, right: 80, bottom: 730 }, panel, window).top, 488);
});

test('base64url goes there and back', () => {
  const raw = Uint8Array.from({ length: 65 }, (_, n) => (n * 37) % 256);
  assert.deepEqual(bytes(base64url(raw)), raw);
  assert.match(base64url(raw), /^[\w-]+$/);
});
