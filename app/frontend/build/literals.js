// Texts and style attributes that packages write into the page without asking a translate service or a policy.
// The build fails when one of them is gone: then the new version has to be looked at.

/** @param {Record<string, [string, string][]>} table end of a file's path -> what to replace by what, each at least once */
export function replaceLiterals(table) {
  const met = new Set();
  return {
    name: 'replace-literals',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      const path = id.split('?')[0];
      const file = Object.keys(table).find((end) => path.endsWith(`/${end}`));
      if (!file) return null;
      met.add(file);
      let text = code;
      for (const [from, to] of table[file]) {
        if (!text.includes(from)) this.error(`${file} no longer holds ${JSON.stringify(from)}: look at the new version and mend build/package-literals.js`);
        text = text.replaceAll(from, to);
      }
      return { code: text, map: null };
    },
    buildEnd(error) {
      if (error) return;
      const missed = Object.keys(table).filter((file) => !met.has(file));
      if (missed.length) this.error(`never bundled, so not mended: ${missed.join(', ')}`);
    },
  };
}

/** style="a:b;c:d" in the text of drawn icons becomes attributes, which `style-src 'self'` allows. */
export function styleToAttributes(text) {
  return text.replace(/style="([^"]*)"/g, (_, css) => css.split(';').filter(Boolean).map((declaration) => {
    const [name, value] = declaration.split(':');
    return `${name.trim()}="${value.trim()}"`;
  }).join(' '));
}

/** @param {string[]} files ends of paths whose icons are written with style attributes */
export function iconsWithoutStyle(files) {
  const met = new Set();
  return {
    name: 'icons-without-style',
    enforce: 'pre',
    transform(code, id) {
      const file = files.find((end) => id.split('?')[0].endsWith(`/${end}`));
      if (!file) return null;
      met.add(file);
      if (this.environment?.config?.command === 'build' && !/style="/.test(code)) this.error(`${file} has no style attributes any more: it need not be mended`);
      return { code: styleToAttributes(code), map: null };
    },
    buildEnd(error) {
      const missed = error ? [] : files.filter((file) => !met.has(file));
      if (missed.length) this.error(`never bundled, so not mended: ${missed.join(', ')}`);
    },
  };
}
