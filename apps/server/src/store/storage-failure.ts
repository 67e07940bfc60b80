// What operating system, SQLite and PostgreSQL say when they cannot go on, as the failures of errors.ts. What is none of these passes unchanged:
// it is a mistake of this program, and should look like one.
import { StoreFailure, type StoreFailureCode } from './errors.ts';

const bySystemCode: Readonly<Record<string, StoreFailureCode>> = {
  ENOSPC: 'E_FULL',
  EDQUOT: 'E_FULL',
  EFBIG: 'E_FULL',
  EACCES: 'E_READ_ONLY',
  EPERM: 'E_READ_ONLY',
  EROFS: 'E_READ_ONLY',
  ENOTDIR: 'E_READ_ONLY',
  EIO: 'E_DAMAGED',
  ECONNREFUSED: 'E_UNREACHABLE',
  ECONNRESET: 'E_UNREACHABLE',
  ENOTFOUND: 'E_UNREACHABLE',
  EAI_AGAIN: 'E_UNREACHABLE',
  ETIMEDOUT: 'E_UNREACHABLE',
  EPIPE: 'E_UNREACHABLE',
  EHOSTUNREACH: 'E_UNREACHABLE',
  ENOENT: 'E_UNREACHABLE',
};

/** Classes and codes of PostgreSQL 15, appendix A: the longest that fits counts. */
const bySqlState: readonly (readonly [prefix: string, code: StoreFailureCode])[] = [
  ['53100', 'E_FULL'],
  ['53', 'E_UNREACHABLE'],
  ['25006', 'E_READ_ONLY'],
  ['42501', 'E_READ_ONLY'],
  ['28', 'E_UNREACHABLE'],
  ['3D000', 'E_UNREACHABLE'],
  ['08', 'E_UNREACHABLE'],
  ['57P', 'E_UNREACHABLE'],
  ['XX001', 'E_DAMAGED'],
  ['XX002', 'E_DAMAGED'],
  ['58', 'E_DAMAGED'],
];

/** SQLite's own words for its result codes; its two builds agree on nothing else. */
const bySqliteWords: readonly (readonly [words: string, code: StoreFailureCode])[] = [
  ['database or disk is full', 'E_FULL'],
  ['attempt to write a readonly database', 'E_READ_ONLY'],
  ['unable to open database file', 'E_READ_ONLY'],
  ['database is locked', 'E_IN_USE'],
  ['file is not a database', 'E_DAMAGED'],
  ['database disk image is malformed', 'E_DAMAGED'],
  ['disk I/O error', 'E_DAMAGED'],
];

const advice: Readonly<Record<StoreFailureCode, string>> = {
  E_IN_USE: 'another process has it',
  E_FULL: 'there is no space left',
  E_READ_ONLY: 'this process may not write there',
  E_DAMAGED: 'what is there cannot be read or written as it should be',
  E_UNREACHABLE: 'it does not answer',
  E_VERSION: 'it was made by another version of this program',
};

function codeOf(error: unknown): StoreFailureCode | undefined {
  if (!(error instanceof Error)) return undefined;
  const system = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = bySystemCode[system];
  if (known !== undefined) return known;
  if (/^[0-9A-Z]{5}$/.test(system)) {
    const state = bySqlState.find(([prefix]) => system.startsWith(prefix));
    if (state !== undefined) return state[1];
  }
  // pg has no code for a connection that ended while a query was under way.
  if (/^Connection terminated|timeout exceeded when trying to connect/.test(error.message)) return 'E_UNREACHABLE';
  return bySqliteWords.find(([words]) => error.message.includes(words))?.[1];
}

function told(doing: string, error: unknown): unknown {
  if (error instanceof StoreFailure) return error;
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return error;
  return new StoreFailure(code, `cannot ${doing}: ${advice[code]} (${error.message})`, { cause: error });
}

/** What is done under these tells its failures as those of errors.ts. */
export const storageFailure: {
  during<T>(doing: string, work: () => T): T;
  duringAsync<T>(doing: string, work: () => Promise<T>): Promise<T>;
} = {
  during(doing, work) {
    try {
      return work();
    } catch (error) {
      throw told(doing, error);
    }
  },
  async duringAsync(doing, work) {
    try {
      return await work();
    } catch (error) {
      throw told(doing, error);
    }
  },
};
