// Reads a JSON list of condition texts, says what the studio's language makes of each.
import { text as read } from 'node:stream/consumers';
import { parse } from '../../app/frontend/src/studio/modeler/conditions/grammar.js';
import { rowsOf, treeOf } from '../../app/frontend/src/studio/modeler/conditions/rows.js';
import { write } from '../../app/frontend/src/studio/modeler/conditions/text.js';
import { sentence } from '../../app/frontend/src/studio/modeler/conditions/words.js';

const { texts, attributes } = JSON.parse(await read(process.stdin));

function plain(tree) {
  return JSON.parse(JSON.stringify(tree, (key, value) => {
    if (key === 'at' || key === 'brackets' || key === 'source') return undefined;
    return typeof value === 'bigint' ? String(value) : value;
  }));
}

function one(text) {
  let tree;
  try {
    tree = parse(text);
  } catch (error) {
    if (error.name !== 'BadCondition') throw error;
    return { refused: error.message };
  }
  const group = rowsOf(tree, attributes);
  return {
    tree: plain(tree),
    written: write(tree),
    sentence: sentence(tree, attributes),
    rows: group && plain(group),
    rewritten: group && write(treeOf(group)),
  };
}

console.log(JSON.stringify(texts.map(one)));
