// The log of a run that is over, kept by its owner beside the invitations: a server may be gone when somebody asks what happened.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bookPath } from './run-record.ts';

const besideTheBook = (ownerFolder: string, runId: string, file: string): string =>
  join(dirname(bookPath(ownerFolder, runId)), file);

export const logPath = (ownerFolder: string, runId: string): string =>
  besideTheBook(ownerFolder, runId, 'events.jsonl');

/** Where `sumus evidence` keeps the digest of what it examined. */
export const digestPath = (ownerFolder: string, runId: string): string =>
  besideTheBook(ownerFolder, runId, 'evidence-digest.json');

/** One event a line; in the place of what was kept before. */
export function keepLog(path: string, lines: readonly string[]): void {
  writeFileSync(`${path}.new`, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export const keptLog = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined;
