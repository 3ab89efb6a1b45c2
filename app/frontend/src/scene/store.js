// What a phone holds of a task: encrypted in IndexedDB under a key that cannot be taken out of the browser (AES-GCM, not
// extractable) and that opens only for the account it was made for, for as long as that account is signed in.

const NAME = 'xq-scene';
export const CHANNEL = 'xq-scene';

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('accounts', { keyPath: 'account' });
    const things = request.result.createObjectStore('things', { keyPath: [ 'account', 'id' ] });
    things.createIndex('account', 'account');
  };
  return asked(request);
}

export const possible = () => Boolean(globalThis.indexedDB && globalThis.crypto?.subtle);

export class Store {
  constructor(database, account, key) {
    Object.assign(this, { database, account, key });
  }

  /** The store of an account that has just said who it is; `until` is the moment up to which it opens without asking again. */
  static async of(account, name, until) {
    const database = await open();
    let found = await asked(database.transaction('accounts').objectStore('accounts').get(account));
    const key = found?.key || await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [ 'encrypt', 'decrypt' ]);
    found = { account, name, key, until };
    await asked(database.transaction('accounts', 'readwrite').objectStore('accounts').put(found));
    return new Store(database, account, key);
  }

  /** The store that was open last, while nobody can be asked; null where its time is over or there is none. */
  static async away() {
    const database = await open();
    const all = await asked(database.transaction('accounts').objectStore('accounts').getAll());
    const last = all.filter((one) => one.until > Date.now()).sort((a, b) => b.until - a.until)[0];
    if (last) return { store: new Store(database, last.account, last.key), name: last.name };
    database.close();
    return null;
  }

  async put(id, value, more = {}) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const bytes = value instanceof ArrayBuffer ? value : new TextEncoder().encode(JSON.stringify(value));
    const bound = new TextEncoder().encode(`${this.account}:${id}`);
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound }, this.key, bytes);
    const row = { account: this.account, id, iv, sealed, pending: false, ...more };
    await asked(this.database.transaction('things', 'readwrite').objectStore('things').put(row));
  }

  async bytes(id) {
    const row = await asked(this.database.transaction('things').objectStore('things').get([ this.account, id ]));
    if (!row) return null;
    const bound = new TextEncoder().encode(`${this.account}:${id}`);
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.iv, additionalData: bound }, this.key, row.sealed);
  }

  async get(id) {
    const bytes = await this.bytes(id);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  }

  /** Change what stands under an id, one change after the other: `change(value)` gives [value, pending]. */
  change(id, change) {
    this.turn = (this.turn || Promise.resolve()).catch(() => {}).then(async () => {
      const [ value, pending ] = change(await this.get(id));
      await this.put(id, value, { pending });
      return value;
    });
    return this.turn;
  }

  async ids(prefix) {
    const index = this.database.transaction('things').objectStore('things').index('account');
    return (await asked(index.getAllKeys(this.account))).map(([ , id ]) => id).filter((id) => id.startsWith(prefix)).sort();
  }

  async all(prefix) {
    const found = [];
    for (const id of await this.ids(prefix)) found.push(await this.get(id));
    return found;
  }

  async drop(id) {
    await asked(this.database.transaction('things', 'readwrite').objectStore('things').delete([ this.account, id ]));
  }
}

/** How many things of this phone were not brought back, of any account. */
export async function waiting() {
  if (!globalThis.indexedDB) return 0;
  const names = indexedDB.databases ? (await indexedDB.databases()).map((one) => one.name) : [ NAME ];
  if (!names.includes(NAME)) return 0;
  const database = await open();
  const rows = await asked(database.transaction('things').objectStore('things').getAll());
  database.close();
  return rows.filter((row) => row.pending).length;
}

/** Remove everything: the encrypted things with their keys, the kept shell and its worker. */
export async function wipe() {
  new BroadcastChannel(CHANNEL).postMessage('close');
  if (globalThis.indexedDB) {
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(NAME);
      request.onsuccess = request.onerror = resolve;
      setTimeout(resolve, 2000);
    });
  }
  if (globalThis.caches) {
    for (const name of await caches.keys()) if (name.startsWith('xq-scene-')) await caches.delete(name);
  }
  for (const worker of await navigator.serviceWorker?.getRegistrations() || []) {
    if (new URL(worker.scope).pathname === '/scene/') await worker.unregister();
  }
}
