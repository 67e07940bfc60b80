// Where a participant keeps what must be there after a crash: its key, its ledger, where it stands. A handful of named byte strings; a folder in
// Node, a database in a page. What is kept is secret in the clear: it is sealed (sealed-storage.ts) or lies where its owner alone reads.

export interface Storage {
  /** Undefined where nothing was written. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Old or new, never a part: once it resolves, it is there after a crash. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Where the platform compares long ones faster than byte by byte: what has not changed is not written again. */
  readonly sameBytes?: ((a: Uint8Array, b: Uint8Array) => boolean) | undefined;
}

/** 1 to 100 small letters, digits, `-` and `.`: a file's name everywhere. */
export const isStorageName = (name: string): boolean => /^[a-z0-9][a-z0-9.-]{0,99}$/.test(name);
