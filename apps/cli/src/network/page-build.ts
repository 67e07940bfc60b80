// The pages as they were built, each file held against the list that was written when they were built (scripts/pages.mjs): what is on the disk
// and is not in the list, or is another file than the list says, is not served. The build's hash is the SHA-256 of that list.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../command.ts';

export interface PageBuild {
  /** SHA-256 of files.json, hexadecimal. */
  readonly hash: string;
  /** By path, with the slash that it begins with. */
  readonly files: ReadonlyMap<string, Buffer>;
}

const LIST = 'files.json';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function readPageBuild(folder: string): PageBuild {
  const listPath = join(folder, LIST);
  if (!existsSync(listPath)) throw new UsageError(`${folder} has no ${LIST}: npm run pages builds the pages`);
  const list = readFileSync(listPath);
  const files = new Map<string, Buffer>([[`/${LIST}`, list]]);
  for (const [name, hash] of entriesOf(list)) {
    if (!NAME.test(name)) throw damaged(`${LIST} names ${JSON.stringify(name.slice(0, 80))}`);
    const path = join(folder, name);
    if (!existsSync(path)) throw damaged(`${name} is missing`);
    const bytes = readFileSync(path);
    if (sha256(bytes) !== hash) throw damaged(`${name} is another file than ${LIST} says`);
    files.set(`/${name}`, bytes);
  }
  return { hash: sha256(list), files };
}

/** Throws where it is another build than the one that was published. */
export function requireBuild({ hash }: PageBuild, expected: string): void {
  if (!/^[0-9a-f]{64}$/i.test(expected)) throw new UsageError(`--expect is 64 hexadecimal digits: ${expected}`);
  if (hash !== expected.toLowerCase()) {
    throw new Error(
      `these pages are another build than the one expected.\n  here:     ${hash}\n  expected: ${expected.toLowerCase()}`,
    );
  }
}

function entriesOf(list: Uint8Array): readonly (readonly [string, unknown])[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(list).toString('utf8'));
  } catch (cause) {
    throw new Error(`${LIST} of the pages is damaged`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged(`${LIST} is no list`);
  return Object.entries(value);
}

const damaged = (what: string): Error => new Error(`the pages are not as they were built: ${what}`);
