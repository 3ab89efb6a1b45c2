// The pages as they would print: drawings that the server sets from what is on the page now.
import { h } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../designer/controls.js';

/** Addresses of drawings by their digest, as long as a page shows them. */
export function useDrawings(pages) {
  const known = useRef(new Map());
  const [shown, show] = useState([]);
  useEffect(() => {
    for (const { digest, svg } of pages) {
      if (svg !== null && !known.current.has(digest)) known.current.set(digest, URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' })));
    }
    const now = new Set(pages.map(({ digest }) => digest));
    for (const [digest, address] of known.current) {
      if (!now.has(digest)) {
        URL.revokeObjectURL(address);
        known.current.delete(digest);
      }
    }
    show(pages.map(({ digest }) => known.current.get(digest)));
  }, [pages]);
  return { shown, have: () => [...known.current.keys()] };
}

export function Pages({ shown, said, took, onPdf }) {
  return h('section', { class: 'dz-preview', 'aria-labelledby': 'paper-preview-title' },
    h('div', { class: 'dz-bar' }, h('h2', { id: 'paper-preview-title' }, '预览'), h('div', { class: 'row' },
      h('span', { class: 'muted', 'data-took': took }, shown.length ? `共 ${shown.length} 页` : ''), h(Button, { onClick: onPdf }, '打开 PDF'))),
    said && h('p', { class: 'dz-preview-said', role: 'status' }, said),
    h('div', { class: 'paper-pages', tabIndex: 0, role: 'group', 'aria-label': '文书各页' }, shown.map((address, index) => h('img', { key: index, src: address, alt: `第 ${index + 1} 页的样张，文字可在 PDF 中阅读` }))));
}
