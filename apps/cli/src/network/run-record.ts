// The owner's own record of a run: at which server it is, under which plan. It is written before the server hears of the run, so that a command
// that was killed goes on with the same one.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemLines, readPlanFile, type SignedPlan } from '@sumus/federation/plan';
import { UsageError } from '../command.ts';
import { makeFolder } from './owner-folder.ts';
import { readServerAddress, type ServerAddress, serverAddressText } from './server-address.ts';

export interface RunRecord {
  readonly runId: string;
  readonly projectId: string;
  readonly server: ServerAddress;
  readonly plan: SignedPlan;
  readonly createdAtMs: number;
}

const folderOf = (ownerFolder: string, runId: string): string => join(ownerFolder, 'runs', runId);

export const bookPath = (ownerFolder: string, runId: string): string =>
  join(folderOf(ownerFolder, runId), 'invitations.jsonl');

export function requireRunId(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new UsageError(`${text} is no name of a run: 1 to 64 letters, digits, dots, dashes`);
}

export function writeRunRecord(ownerFolder: string, record: RunRecord): void {
  const folder = folderOf(ownerFolder, record.runId);
  makeFolder(folder);
  const path = join(folder, 'run.json');
  const text = JSON.stringify({ ...record, server: serverAddressText(record.server) }, null, 2);
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Undefined where this owner has no such run. */
export function findRunRecord(ownerFolder: string, runId: string): RunRecord | undefined {
  const path = join(folderOf(ownerFolder, requireRunId(runId)), 'run.json');
  if (!existsSync(path)) return undefined;
  const refuse = (why: string): never => {
    throw new UsageError(`${path} is no record of a run: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return refuse('it is no JSON');
  }
  if (typeof value !== 'object' || value === null) return refuse('it is no object');
  const { projectId, server, plan, createdAtMs } = { ...value } as Readonly<Record<string, unknown>>;
  if (typeof projectId !== 'string' || typeof server !== 'string' || typeof createdAtMs !== 'number') {
    return refuse('something is missing');
  }
  const read = readPlanFile(JSON.stringify(plan));
  if (read.kind === 'invalid') return refuse(problemLines(read.problems).join('; '));
  if (read.file.signed === undefined) return refuse('its plan is not signed');
  return { runId, projectId, server: readServerAddress(server), plan: read.file.signed, createdAtMs };
}

export function runRecord(ownerFolder: string, runId: string): RunRecord {
  const found = findRunRecord(ownerFolder, runId);
  if (found === undefined) {
    const known = runNames(ownerFolder);
    const others =
      known.length === 0 ? 'there is none yet: sumus start PLAN makes one' : `there is ${known.join(', ')}`;
    throw new UsageError(`no run ${runId} was started with these keys; ${others}`);
  }
  return found;
}

/** Of all runs that were started with these keys. */
export function runNames(ownerFolder: string): readonly string[] {
  const folder = join(ownerFolder, 'runs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.json')));
}
