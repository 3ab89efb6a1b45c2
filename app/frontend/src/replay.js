// 案件回放: a case along its diagrams, step by step. The list below says the same without a picture.
import { installReplay } from './studio/sight/replay.js';

document.querySelectorAll('[data-replay]').forEach(installReplay);
