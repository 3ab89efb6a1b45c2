import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { cspSafeMinDom } from './build/min-dom.js';

// One entry per kind of page: what a page does not need, it does not load. An entry is src/NAME.js.
const entries = ['main', 'diagram', 'workbench'];
const source = (name) => fileURLToPath(new URL(`./src/${name}.js`, import.meta.url));

export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  plugins: [cspSafeMinDom()],
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
