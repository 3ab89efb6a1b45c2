import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { iconsWithoutStyle, replaceLiterals } from './build/literals.js';
import { cspSafeMinDom } from './build/min-dom.js';
import { LITERALS, STYLED_ICONS } from './build/package-literals.js';

// One entry per kind of page: what a page does not need, it does not load. An entry is src/NAME.js.
const entries = [
  'main', 'diagram', 'workbench', 'designer', 'paper', 'tables', 'rules', 'sight', 'replay', 'scene', 'review',
];
const source = (name) => fileURLToPath(new URL(`./src/${name}.js`, import.meta.url));

export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  plugins: [cspSafeMinDom(), replaceLiterals(LITERALS), iconsWithoutStyle(STYLED_ICONS)],
  build: {
    outDir: '../static/dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    assetsInlineLimit: 0, // no data: addresses, which the content security policy would have to allow
    modulePreload: { polyfill: false },
    rolldownOptions: { input: Object.fromEntries(entries.map((name) => [name, source(name)])) },
  },
});
