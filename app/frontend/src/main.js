// Every signed-in page and every public page: styles, htmx, keyboard, display switches.
import './css/tokens.css';
import './css/base.css';
import './css/layout.css';
import './css/components.css';
import './css/modes.css';
import htmx from 'htmx.org';
import { installDisplay } from './page/display.js';
import { installFolding } from './page/folding.js';
import { installFocus } from './page/focus.js';
import { installKeyboard } from './page/keyboard.js';
import { installLeaving } from './page/leaving.js';
import { installMenus } from './page/menus.js';
import { installToasts } from './page/toast.js';

htmx.config.includeIndicatorCSS = false;
window.htmx = htmx;

// Requests made without a form carry the page's token too.
document.addEventListener('htmx:config:request', (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.ctx.request.headers['X-CSRF-Token'] = token;
});

installDisplay(document);
installKeyboard(document);
installFolding(document, window);
installFocus(document);
installToasts(document);
installLeaving(document);
installMenus(document);

// Rooms bring their own style sheets (src/css/rooms/*.css) and scripts (src/forms.js, src/rooms/*.js).
import.meta.glob(['./css/rooms/*.css', './forms.js', './rooms/*.js'], { eager: true });
