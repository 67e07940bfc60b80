// The page's connection to the coordinator that serves it: none, unsigned, or with somebody's key; and the run that is followed over it. What it
// is made of is loaded when it is first wanted.
import { type Signal, signal } from '@preact/signals';
import { fetchBlobsBy } from '../blobs/shelf.ts';
import { log, open } from '../run-on-show.ts';
import type { Door } from './door.ts';

/** Undefined before somebody asked, null where there is no coordinator. */
export const door: Signal<Door | null | undefined> = signal(undefined);
/** Of the key that requests are signed with, hexadecimal. */
export const asker: Signal<string | null> = signal(null);
export const connection: Signal<string | null> = signal(null);
export const followed: Signal<string | null> = signal(null);

let stopFollowing: AbortController | undefined;

/** `pem`: the text of a key file; none to ask without a key. */
export async function connect(pem?: string): Promise<Door | null> {
  const [{ Door: Doors }, { signerOfPem }] = await Promise.all([import('./door.ts'), import('./own-key.ts')]);
  const signer = pem === undefined ? undefined : await signerOfPem(pem);
  const found = await Doors.open(signer);
  door.value = found;
  asker.value =
    signer === undefined ? null : [...signer.publicKey].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return found;
}

export async function followRun(run: string): Promise<void> {
  const { follow } = await import('./follow.ts');
  const at = door.value;
  if (at == null) return;
  stopFollowing?.abort();
  const stop = new AbortController();
  stopFollowing = stop;
  followed.value = run;
  open({ kind: 'live', run });
  fetchBlobsBy(async ({ sha256 }) => {
    try {
      return await at.bytes('blob', { parameters: { run, sha256 } });
    } catch {
      // Who may not have it, and what is no longer there, come to the same: it cannot be shown.
      return null;
    }
  });
  try {
    await follow(at, run, stop.signal, {
      lines: (bytes) => log.bytes(bytes),
      trouble: (text) => {
        connection.value = text;
      },
    });
  } catch (cause) {
    connection.value = cause instanceof Error ? cause.message : String(cause);
    if (followed.value === run) followed.value = null;
  }
}
