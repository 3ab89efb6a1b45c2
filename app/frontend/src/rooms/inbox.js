// The lists of the inbox without whole page loads, picking rows, the dialog of many, and the badge of every page.
// Everything here is a link or a form that works without script too.
import { installBadge } from '../inbox/badge.js';
import { installBulk } from '../inbox/bulk.js';
import { installGoOn } from '../inbox/go_on.js';
import { installLists } from '../inbox/lists.js';
import { installPicking } from '../inbox/picking.js';

installBadge(document, window);
installGoOn(document, window);
if (document.querySelector('[data-inbox]')) {
  const lists = installLists(document, window);
  installPicking(document);
  installBulk(document, window, lists);
}
