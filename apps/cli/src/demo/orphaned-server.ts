// A demonstration whose command was killed leaves its server behind: it is ended before the next one begins in the same folder. Whether whoever
// answers there is that server, its key says; nothing else is ended.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serverInfo } from '@sumus/wire/bodies';
import { readJson } from '@sumus/wire/text';
import type { RunningServer } from '../network/server-program.ts';

const ANSWER_MS = 2000;
const ENDING_MS = 10_000;

const fileOf = (path: string): string => join(path, 'server.json');

export function noteServer(path: string, { pid, address: { url, coordinator } }: RunningServer): void {
  writeFileSync(fileOf(path), `${JSON.stringify({ pid, url, coordinator })}\n`);
}

/** True where one was there. */
export async function endOrphanedServer(path: string): Promise<boolean> {
  const noted = notedIn(path);
  if (noted === undefined || (await keyAt(noted.url)) !== noted.coordinator) return false;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isSent(noted.pid, signal)) return true;
    for (let waited = 0; waited < ENDING_MS; waited += 100) {
      await pause(100);
      if (!isSent(noted.pid, 0)) return true;
    }
  }
  return true;
}

interface Noted {
  readonly pid: number;
  readonly url: string;
  readonly coordinator: string;
}

function notedIn(path: string): Noted | undefined {
  if (!existsSync(fileOf(path))) return undefined;
  try {
    const { pid, url, coordinator } = { ...JSON.parse(readFileSync(fileOf(path), 'utf8')) } as Readonly<
      Record<string, unknown>
    >;
    const isNoted = Number.isSafeInteger(pid) && Number(pid) > 1 && typeof url === 'string';
    return isNoted && typeof coordinator === 'string' ? { pid: Number(pid), url, coordinator } : undefined;
  } catch {
    // Half of a note names nobody.
    return undefined;
  }
}

function keyAt(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const nobody = (): void => resolve(undefined);
    const asking = get(`${url}/v1/server`, { timeout: ANSWER_MS }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', nobody);
      answer.on('end', () => {
        try {
          resolve(readJson(serverInfo, Uint8Array.from(Buffer.concat(pieces))).coordinator);
        } catch {
          // Somebody else has that port by now.
          nobody();
        }
      });
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', nobody);
  });
}

/** False where there is no such process any more. */
function isSent(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // Gone, or not ours.
    return false;
  }
}
