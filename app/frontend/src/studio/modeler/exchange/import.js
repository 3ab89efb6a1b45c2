// Files from elsewhere: the server says what they hold, the diagram is tried beside the page, the analyst decides.
import { BpmnModdle } from 'bpmn-moddle';
import { draw, isDrawn } from '../layout/drawing.js';
import { layOut } from '../layout/whole.js';
import descriptor from '../xq.json';
import { base64 } from './files.js';
import { mend } from './mend.js';
import { showReport } from './report.js';
import { inChinese } from './warnings.js';

/** The text of a diagram with a drawing, laid out where it had none, what cannot be kept when it is saved, what was mended. */
export async function prepared(text) {
  const moddle = new BpmnModdle({ xq: descriptor });
  const { rootElement: definitions, warnings } = await moddle.fromXML(text);
  const mended = mend(definitions);
  if (!isDrawn(definitions)) draw(moddle, definitions, layOut(definitions));
  const { xml } = await moddle.toXML(definitions, { format: true });
  return { xml, lost: inChinese(warnings), mended };
}

/** Read a file, show what it holds, and put it into the draft if the analyst says so. */
export async function importFile(workbench, which, file) {
  const report = await workbench.draft.post('foreign', { which, file: await base64(file) });
  const { xml, lost, mended } = await prepared(report.text);
  if (await showReport({ report: { ...report, changed: [...report.changed, ...mended] }, lost, which, name: file.name })) await workbench.replace(which, xml);
}
