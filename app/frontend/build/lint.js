// Refuses what the content security policy forbids or what opens a page to injected markup, before a browser has to.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FORBIDDEN = [
  [/\beval\s*\(|new Function\b/, 'no code from text'],
  [/\.(?:inner|outer)HTML\s*[+]?=|insertAdjacentHTML|document\.write/, 'no markup from text: build elements, or let htmx swap what the server rendered'],
  [/setAttribute\(\s*['"]style['"]/, "style-src 'self' forbids style attributes: set element.style or a class"],
  [/\bstyle=["']/, "style-src 'self' forbids style attributes"],
  [/https?:\/\/(?!www\.(?:w3\.org|omg\.org\/spec)\/)/, 'nothing is loaded from another site'],
  [/\bhx-on\b|['"`]js:/, 'htmx may not evaluate code'],
];

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return entry.name.endsWith('.js') ? [path] : [];
  });
}

let found = 0;
for (const path of process.argv.slice(2).flatMap(files)) {
  readFileSync(path, 'utf8').split('\n').forEach((line, index) => {
    if (/^\s*(\/\/|\*|\/\*)/.test(line)) return;
    for (const [pattern, reason] of FORBIDDEN) {
      if (pattern.test(line)) {
        console.error(`${path}:${index + 1}: ${reason}\n  ${line.trim()}`);
        found += 1;
      }
    }
  });
}
process.exit(found ? 1 : 0);
