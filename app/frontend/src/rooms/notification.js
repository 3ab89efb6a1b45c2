// Web push in this browser: off until its button is pressed.
import { installPush } from '../notification/push.js';

installPush(document, window);
