// The tiers of an item's own baseline: what is wrong is told at its row a moment after typing, and kept as a draft.
const PAUSE = 600;
const MARKS = { block: ['■ 须改正', 'danger'], warn: ['▲ 请核对', 'warn'], note: ['○ 说明', ''] };

/** Put every finding into the list of its row; lists without one are emptied. */
export function tell(form, findings) {
  for (const list of form.querySelectorAll('[data-findings]')) {
    const row = list.dataset.findings === '' ? null : Number(list.dataset.findings);
    const mine = findings.filter((one) => one.row === row).map((one) => {
      const item = list.ownerDocument.createElement('li');
      const tag = list.ownerDocument.createElement('span');
      const [word, tone] = MARKS[one.severity];
      tag.className = `tag ${tone}`.trim();
      tag.textContent = word;
      item.append(tag, ` ${one.message}`);
      return item;
    });
    list.replaceChildren(...mine);
  }
}

/** Say in one line what the examination came to. */
export function summary({ blocked, findings }) {
  if (!blocked) return '已存为草稿，没有须改正的地方。';
  return `已存为草稿，有 ${findings.filter((one) => one.severity === 'block').length} 处须改正。`;
}

export function installTiers(document, window) {
  const form = document.querySelector('[data-tiers]');
  if (!form) return;
  const status = form.querySelector('[data-tiers-status]');
  let waiting = 0;
  let latest = 0;

  async function check() {
    const mine = ++latest;
    try {
      const answer = await window.fetch(form.dataset.tiers, { method: 'POST', body: new window.FormData(form) });
      if (mine !== latest) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (mine !== latest) return;
      tell(form, found.findings);
      status.textContent = summary(found);
    } catch {
      status.textContent = '没有连上服务器，刚才的内容还没有存为草稿，请不要关闭本页。';
    }
  }

  form.addEventListener('input', () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(check, PAUSE);
  });
  form.elements.kind.addEventListener('change', (event) => {
    const unit = event.target.value === 'multiple' ? '倍' : '元';
    for (const place of form.querySelectorAll('[data-unit]')) place.textContent = unit;
  });
  // Alt+↑ and Alt+↓ move the row one is in, like its buttons.
  form.addEventListener('keydown', (event) => {
    const arrow = { ArrowUp: 'up', ArrowDown: 'down' }[event.key];
    const row = event.altKey && arrow && event.target.closest('[data-tier]');
    const button = row && row.querySelector(`button[value^="${arrow}:"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });
  form.addEventListener('submit', () => window.clearTimeout(waiting));
}
