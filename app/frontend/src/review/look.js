// The draft as text, in which one can write remarks, or as the pages that will print; these are drawn when asked for.
export function installLook(bench) {
  const print = bench.querySelector('[data-look="print"]');
  const text = bench.querySelector('[data-look="text"]');
  if (!print || !text) return;
  const [ words, pages ] = [ bench.querySelector('[data-draft-text]'), bench.querySelector('[data-draft-print]') ];
  text.hidden = false;
  print.setAttribute('role', 'button');
  print.setAttribute('aria-pressed', 'false');

  function show(printed) {
    words.hidden = printed;
    pages.hidden = !printed;
    print.setAttribute('aria-pressed', String(printed));
    text.setAttribute('aria-pressed', String(!printed));
  }

  text.addEventListener('click', () => show(false));
  print.addEventListener('keydown', (event) => {
    if (event.key === ' ') {
      event.preventDefault();
      print.click();
    }
  });
  print.addEventListener('click', async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(true);
    if (pages.childElementCount) return;
    pages.textContent = '正在排版……';
    try {
      const answer = await fetch(print.href, { credentials: 'same-origin' });
      const made = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('draft-pages');
      if (!answer.ok || !made) throw new Error();
      pages.replaceChildren(...[ ...made.children ].map((each) => document.importNode(each, true)));
    } catch {
      pages.textContent = '暂时不能排版，请稍后再试。';
    }
  });
}
