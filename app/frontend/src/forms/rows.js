// Rows of detail tables: added from the <template>, removed, renumbered. Without script the server does it.

function tell(box, number) {
  for (const element of box.querySelectorAll('[aria-label]')) {
    element.setAttribute('aria-label', element.getAttribute('aria-label').replace(/第 (?:\d+|__m__) 行/, `第 ${number} 行`));
  }
  const head = box.querySelector('.row-number');
  if (head) head.textContent = String(number);
}

function freeIndex(table) {
  const used = [ ...table.querySelectorAll('[name]') ].map((control) => Number(/\.(\d+)\./.exec(control.name)?.[1] ?? -1));
  return Math.max(-1, ...used) + 1;
}

function fillIn(row, index) {
  for (const element of row.querySelectorAll('*')) {
    for (const name of [ 'name', 'id', 'aria-describedby', 'data-upper-of' ]) {
      const value = element.getAttribute(name);
      if (value && value.includes('__n__')) element.setAttribute(name, value.replaceAll('__n__', String(index)));
    }
  }
}

function renumber(table) {
  [ ...table.tBodies[0].rows ].forEach((row, place) => tell(row, place + 1));
}

function tools(table) {
  for (const button of table.querySelectorAll('[data-remove-row]')) button.hidden = false;
}

/** Add a row and return it; null when the table is full or its row numbers are used up. */
export function addRow(box) {
  const table = box.querySelector('table');
  const index = freeIndex(table);
  if (table.tBodies[0].rows.length >= Number(box.dataset.maxRows) || index > 999) return null;
  const fragment = box.querySelector('template[data-row]').content.cloneNode(true);
  fillIn(fragment, index);
  table.tBodies[0].append(fragment);
  renumber(table);
  tools(table);
  return table.tBodies[0].rows[table.tBodies[0].rows.length - 1];
}

function removeRow(box, row) {
  const table = box.querySelector('table');
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  const target = next || addRow(box);
  renumber(table);
  target.querySelector('input, select, textarea').focus();
}

export function startRows(body) {
  for (const box of body.querySelectorAll('[data-rows]')) {
    tools(box);
    for (const button of box.querySelectorAll('[data-add-row]')) button.type = 'button';
  }
  body.addEventListener('click', (event) => {
    const add = event.target.closest('[data-add-row]');
    const remove = event.target.closest('[data-remove-row]');
    if (!add && !remove) return;
    const box = event.target.closest('[data-rows]');
    if (add) {
      const row = addRow(box);
      if (row) row.querySelector('input, select, textarea').focus();
    } else {
      removeRow(box, remove.closest('tr'));
    }
    box.dispatchEvent(new Event('change', { bubbles: true }));
  });
}
