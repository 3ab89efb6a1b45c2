import htm from 'htm';
import { h } from 'preact';

/** Markup without markup: htm over Preact, so that nothing is parsed by the browser. */
export const html = htm.bind(h);
