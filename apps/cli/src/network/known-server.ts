// The server that was started last on this machine, for owners on the same machine: `sumus serve` writes its address down, `sumus start` reads it
// where no --server is given. Nothing of it is secret, and it says nothing that the operator did not print.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../command.ts';
import { homeFolder, makeFolder } from './owner-folder.ts';
import { readServerAddress, type ServerAddress, serverAddressText } from './server-address.ts';

const pathOf = (): string => join(homeFolder(process.env), 'server');

export function rememberServer(address: ServerAddress): void {
  makeFolder(homeFolder(process.env));
  writeFileSync(`${pathOf()}.new`, `${serverAddressText(address)}\n`, { mode: 0o600 });
  renameSync(`${pathOf()}.new`, pathOf());
}

export function serverFor(told: string | undefined): ServerAddress {
  if (told !== undefined) return readServerAddress(told);
  if (existsSync(pathOf())) return readServerAddress(readFileSync(pathOf(), 'utf8').trim());
  throw new UsageError('which server: --server ADDRESS, as `sumus serve` printed it; or start one on this machine');
}

/** Where a run's server is now: as it is told; else where the one of this machine, if it is that one, was started last. */
export function movedServer(before: ServerAddress, told: string | undefined): ServerAddress {
  if (told !== undefined) return readServerAddress(told);
  if (!existsSync(pathOf())) return before;
  const last = readServerAddress(readFileSync(pathOf(), 'utf8').trim());
  return last.coordinator === before.coordinator ? last : before;
}
