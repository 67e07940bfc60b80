// This browser's database for one participant: keys that no script can read out, and entries that are sealed under one of them. Workers open it
// themselves; nothing of it is in the page.

const NAME = 'sumus-participant';
const VERSION = 1;

export type Shelf = 'keys' | 'entries';

export class Database {
  readonly #open: IDBDatabase;

  private constructor(open: IDBDatabase) {
    this.#open = open;
  }

  static async open(): Promise<Database> {
    const asking = indexedDB.open(NAME, VERSION);
    asking.onupgradeneeded = () => {
      asking.result.createObjectStore('keys');
      asking.result.createObjectStore('entries');
    };
    return new Database(await answerOf(asking));
  }

  async read(shelf: Shelf, name: string): Promise<unknown> {
    return answerOf(this.#open.transaction(shelf).objectStore(shelf).get(name));
  }

  /** On disk when it resolves, as far as a browser promises. */
  async write(shelf: Shelf, name: string, value: unknown): Promise<void> {
    await this.#changed(shelf, (store) => store.put(value, name));
  }

  async remove(shelf: Shelf, name: string): Promise<void> {
    await this.#changed(shelf, (store) => store.delete(name));
  }

  #changed(shelf: Shelf, change: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = this.#open.transaction(shelf, 'readwrite', { durability: 'strict' });
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser stored nothing'));
      change(transaction.objectStore(shelf));
    });
  }
}

function answerOf<T>(asking: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error ?? new Error('the browser’s database does not open'));
  });
}
