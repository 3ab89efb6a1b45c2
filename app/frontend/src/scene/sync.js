// Bringing things back: each under its own key, files in parts; however often it is done, nothing comes twice.
import { Refused, send } from '../forms/uploads.js';

export class SignedOut extends Error {}
export { Refused };

export const newKey = () => crypto.randomUUID().replaceAll('-', '');

export async function ask(url, token, body) {
  const answer = await fetch(url, {
    method: body ? 'POST' : 'GET', body, credentials: 'same-origin', redirect: 'manual', cache: 'no-store',
    headers: { Accept: 'application/json', ...(token ? { 'X-CSRF-Token': token } : {}) }
  });
  if (answer.type === 'opaqueredirect' || answer.status === 401) throw new SignedOut();
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  if (answer.status < 500 && answer.status !== 429) throw new Refused(said.message || '平台没有接受这项内容。');
  throw new Error(`answer ${answer.status}`);
}

function about(data, task, item, prefix = '') {
  const given = {
    key: item.key, client_at: item.at, offset_ms: String(task.offset_ms), version: String(task.version), draft_at: item.base || ''
  };
  for (const [ name, value ] of Object.entries(given)) data.append(`${prefix}${name}`, value);
  return data;
}

async function bringDraft(app, task) {
  const id = `draft:${task.id}`;
  const answers = [];
  let draft = await app.store.get(id);
  while (draft && (draft.outbox || draft.dirty)) {
    draft = await app.store.change(id, (now) => now.outbox ? [ now, true ] : [ {
      ...now, dirty: false, outbox: { key: newKey(), at: now.at, entries: now.entries, base: task.draft_at }
    }, true ]);
    const data = about(new FormData(), task, draft.outbox, '_scene_');
    for (const [ name, value ] of draft.outbox.entries) data.append(name, value);
    const said = await ask(`${app.urls.tasks}/${task.id}/draft`, app.token, data);
    answers.push(said);
    if (said.draft_at) task.draft_at = said.draft_at;
    if (said.state === 'kept') task.kept = said;
    else delete task.kept;
    await app.store.put(`task:${task.id}`, task);
    draft = await app.store.change(id, (now) => [ { ...now, outbox: null }, now.dirty ]); // perhaps typed on meanwhile
  }
  return answers;
}

async function bringItem(app, task, item, told) {
  const data = about(new FormData(), task, item);
  data.append('kind', item.kind);
  for (const [ name, value ] of Object.entries(item.told)) if (value) data.append(name, value);
  if (item.digest) {
    const file = new File([ await app.store.bytes(`bytes:${item.key}`) ], item.name, { type: item.type });
    const url = `${app.urls.work}/${task.id}/uploads`;
    const sent = await send(url, { form: 'scene', field: 'file' }, file, {
      token: () => app.token, expected: item.digest, key: item.key, told
    });
    data.append('token', sent.token);
  }
  const said = await ask(`${app.urls.tasks}/${task.id}/items`, app.token, data);
  item.done = said;
  await app.store.put(`item:${task.id}:${item.key}`, item);
  await app.store.drop(`bytes:${item.key}`);
  return said;
}

/** A document filled in at the scene is made by the platform; what it refuses stays here with the reason. */
async function bringPaper(app, task, item) {
  const data = new FormData();
  for (const [ name, value ] of item.entries) data.append(name, value);
  data.append('_scene_key', item.key);
  const said = await ask(`${app.urls.tasks}/${task.id}/documents/${item.code}`, app.token, data).catch((error) => {
    if (!(error instanceof Refused)) throw error;
    return { failed: error.message };
  });
  if (said.failed) item.failed = said.failed;
  else Object.assign(item, { done: said, failed: '' });
  await app.store.put(`item:${task.id}:${item.key}`, item);
  return said.failed ? { state: 'refused' } : said;
}

/** Bring back all of a task; what the server said of each thing. Only one at a time, in whatever window. */
export async function bring(app, task, told = () => {}) {
  const work = async () => {
    const answers = [];
    for (const item of await app.store.all(`item:${task.id}:`)) {
      if (item.done) continue;
      if (item.kind === 'paper') answers.push(await bringPaper(app, task, item));
      else answers.push(await bringItem(app, task, item, (part) => told(item, part)));
    }
    answers.push(...await bringDraft(app, task));
    return answers;
  };
  return navigator.locks ? navigator.locks.request('xq-scene-sync', work) : work();
}

/** What of a task was not brought back yet. */
export async function pending(app, id) {
  const items = (await app.store.all(`item:${id}:`)).filter((item) => !item.done).length;
  const draft = await app.store.get(`draft:${id}`);
  return items + (draft && (draft.dirty || draft.outbox) ? 1 : 0);
}
