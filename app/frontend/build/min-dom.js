import { fileURLToPath } from 'node:url';

const wrapper = fileURLToPath(new URL('./min-dom-wrapper.js', import.meta.url));

/** Vite plugin: every import of min-dom gets the wrapper that keeps `style-src 'self'` intact. */
export function cspSafeMinDom() {
  return {
    name: 'csp-safe-min-dom',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (source === 'min-dom') return wrapper;
      if (source === 'min-dom?original') return this.resolve('min-dom', importer, { skipSelf: true });
      return null;
    },
  };
}
