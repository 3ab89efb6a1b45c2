// The form of the opinion: remarks written into it by a click, findings of the round before confirmed one by one, and a
// word of warning where a remark is said nowhere. Every change tells the form, so that its draft is saved.
const heard = (control) => {
  for (const type of [ 'input', 'change' ]) control.dispatchEvent(new Event(type, { bubbles: true }));
};

export function installOpinion(bench, reveal) {
  const form = bench.querySelector('form[data-points]');
  if (!form) return;
  const notes = Object.fromEntries(form.dataset.points.trim().split(' ').filter(Boolean).map((pair) => pair.split('=')));
  const unsaid = form.querySelector('[data-unsaid]');
  const fields = () => [ ...Object.values(notes), form.dataset.opinion ].map((name) => form.elements.namedItem(name)).filter(Boolean);

  const said = (line) => fields().some((field) => !field.disabled && field.value.includes(line));

  function check() {
    const left = [ ...bench.querySelectorAll('[data-remark]:not([data-kind="support"])') ].filter((item) => !said(item.dataset.line));
    unsaid.hidden = left.length === 0;
    unsaid.textContent = `${left.length} 条批注还没有写入意见：办案机构能看到批注，但审核意见书中没有。可以在上面的批注中点“写入意见”。`;
  }

  /** The finding that opens the explanation of a point: the first option whose condition shows it. */
  function wanting(point, note) {
    const options = [ ...form.querySelectorAll(`input[name="${CSS.escape(point)}"]`) ];
    for (const option of options) {
      option.checked = true;
      heard(option);
      if (!note.disabled) return;
    }
  }

  function insert(item) {
    const { point, line, kind } = item.dataset;
    let field = form.elements.namedItem(notes[point] || '');
    if (field && field.disabled && kind === 'problem') wanting(point, field);
    if (!field || field.disabled) field = form.elements.namedItem(form.dataset.opinion);
    if (!field) return;
    if (!field.value.includes(line)) {
      field.value = [ field.value.trimEnd(), line ].filter(Boolean).join('\n');
      heard(field);
    }
    reveal(field);
    field.scrollIntoView({ block: 'center' });
    field.focus({ preventScroll: true });
  }

  function carry({ carry: point, value, note, noteText }) {
    const option = [ ...form.querySelectorAll(`input[name="${CSS.escape(point)}"]`) ].find((each) => each.value === value);
    if (!option) return;
    option.checked = true;
    heard(option);
    const field = form.elements.namedItem(note);
    if (field && !field.disabled && !field.value.trim()) {
      field.value = noteText;
      heard(field);
    }
  }

  bench.addEventListener('click', (event) => {
    const into = event.target.closest('[data-insert]');
    if (into) insert(into.closest('[data-remark]'));
    const carried = event.target.closest('[data-carry]');
    if (carried) {
      carry(carried.dataset);
      carried.disabled = true;
      carried.textContent = '已确认';
    }
  });
  form.addEventListener('input', check);
  bench.addEventListener('remarks', check);
  check();
}
