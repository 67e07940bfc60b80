// A run that is named on the command line, with everything that it takes to speak about it to its server.

import { OwnerDoor } from './owner-door.ts';
import { type OwnerFolder, openOwnerFolder, usualOwnerFolder } from './owner-folder.ts';
import { OwnerRun } from './owner-run.ts';
import { type RunRecord, runRecord } from './run-record.ts';

export interface OpenRun {
  readonly owner: OwnerFolder;
  readonly run: OwnerRun;
  close(): void;
}

export function openRun(owner: OwnerFolder, record: RunRecord): OpenRun {
  const door = new OwnerDoor(record.server, owner.owner);
  return { owner, run: new OwnerRun(owner, record, door), close: () => door.close() };
}

/** Throws where these keys started no such run. */
export async function openKnownRun(runId: string, keys: string | undefined): Promise<OpenRun> {
  const owner = await openOwnerFolder(keys ?? usualOwnerFolder());
  return openRun(owner, runRecord(owner.folder, runId));
}
