// 运行分析: a version's diagram, coloured by how long its steps take. The table below the picture says the same.
import { showSight } from './studio/sight/index.js';

document.querySelectorAll('[data-sight]').forEach(showSight);
