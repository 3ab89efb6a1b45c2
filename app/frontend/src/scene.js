// The page for the scene: works while the network is away. Its own styles only, so that a phone keeps little.
import './css/tokens.css';
import './css/base.css';
import './css/layout.css';
import './css/components.css';
import './css/modes.css';
import './css/rooms/desk.css';
import './css/rooms/forms.css';
import './css/rooms/evidence.css';
import './css/rooms/scene.css';
import { start } from './scene/app.js';

const root = document.querySelector('[data-scene]');
if (root) start(root);
