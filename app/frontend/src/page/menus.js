// A menu of the bar closes when something else is meant: a click beside it, Escape, another menu.

const open = (document) => document.querySelectorAll('details.menu[open]');

export function installMenus(document) {
  for (const kind of ['click', 'focusin']) {
    document.addEventListener(kind, (event) => {
      for (const menu of open(document)) if (!menu.contains(event.target)) menu.open = false;
    });
  }
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of open(document)) {
      if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
      menu.open = false;
    }
  });
}
