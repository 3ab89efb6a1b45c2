// The panels of the right side as tabs, and on a phone one side at a time. Without script everything stands below one
// another. Arrows, Home and End move along the tabs; the digits 1-6 choose one while nobody is typing.
import { isTyping, nextIndex } from '../page/keyboard.js';

export function installTabs(bench) {
  const list = bench.querySelector('[data-tabs]');
  const tabs = [ ...list.querySelectorAll('[role="tab"]') ];
  const panelOf = (tab) => document.getElementById(tab.getAttribute('aria-controls'));
  const scroller = bench.querySelector('[data-panels]');
  const kept = new Map();
  let current = null;

  function select(tab, focus = false) {
    if (current && current !== tab) kept.set(current, scroller.scrollTop);
    for (const each of tabs) {
      each.setAttribute('aria-selected', String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
      panelOf(each).hidden = each !== tab;
    }
    if (current !== tab) scroller.scrollTop = kept.get(tab) || 0;
    current = tab;
    if (focus) tab.focus();
    tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  for (const tab of tabs) {
    const panel = panelOf(tab);
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', tab.id);
    tab.addEventListener('click', () => {
      show('side');
      select(tab);
    });
  }
  list.addEventListener('keydown', (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    select(tabs[to], true);
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const tab = /^[1-9]$/.test(event.key) && tabs[nextIndex(0, Number(event.key) - 1, tabs.length)];
    if (!tab) return;
    event.preventDefault();
    show('side');
    select(tab, true);
  });
  list.hidden = false;

  const choices = bench.querySelector('[data-switch]');
  function show(side) {
    bench.dataset.side = side;
    for (const button of choices.querySelectorAll('[data-show]')) button.setAttribute('aria-pressed', String(button.dataset.show === side));
  }
  choices.addEventListener('click', (event) => {
    const button = event.target.closest('[data-show]');
    if (button) show(button.dataset.show);
  });
  choices.hidden = false;
  show('side');

  select(document.getElementById(`tab-${bench.dataset.start || 'draft'}`) || tabs[0]);

  const focused = document.activeElement;
  if (focused?.closest('[role="tabpanel"]')) focused.scrollIntoView({ block: 'center' }); // what is wrong, say

  /** Bring an element's panel and side to the front. */
  return function reveal(element) {
    const panel = element.closest('[role="tabpanel"]');
    const tab = panel && tabs.find((each) => panelOf(each) === panel);
    if (tab) select(tab);
    const pane = element.closest('[data-pane]');
    if (pane) show(pane.dataset.pane);
  };
}
