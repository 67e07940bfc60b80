// The page's connection to the coordinator that serves it: none, unsigned, or with somebody's key; and the run that is followed over it. What it
// is made of is loaded when it is first wanted.
import { effect, type Signal, signal } from '@preact/signals';
import type { Signer } from '@sumus/secure-sum/primitives';
import type { RunStatus } from '@sumus/wire/bodies';
import { blobOf, fetchBlobsBy } from '../blobs/shelf.ts';
import { log, open, summary } from '../run-on-show.ts';
import type { Door } from './door.ts';

/** Undefined before somebody asked, null where there is no coordinator. */
export const door: Signal<Door | null | undefined> = signal(undefined);
/** Keys of who sits here: in this page's memory alone, and gone with it. */
export const ownKey: Signal<Signer | null> = signal(null);
export const authorityKey: Signal<Signer | null> = signal(null);
/** Of the key that requests are signed with, hexadecimal. */
export const asker: Signal<string | null> = signal(null);
export const connection: Signal<string | null> = signal(null);
export const followed: Signal<string | null> = signal(null);

let stopFollowing: AbortController | undefined;

/** `pem`: the text of a key file; none to ask without a key. */
export async function connect(pem?: string): Promise<Door | null> {
  const [{ Door: Doors }, { passingSigner, signerOfPem }] = await Promise.all([
    import('./door.ts'),
    import('./own-key.ts'),
  ]);
  // Every request is signed; who has no key signs with one that means nothing to anybody.
  const signer = pem === undefined ? await passingSigner() : await signerOfPem(pem);
  const found = await Doors.open(signer);
  door.value = found;
  ownKey.value = pem === undefined ? null : signer;
  asker.value =
    pem === undefined ? null : [...signer.publicKey].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return found;
}

export async function takeAuthority(pem: string): Promise<void> {
  const { signerOfPem } = await import('./own-key.ts');
  authorityKey.value = await signerOfPem(pem);
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

export async function listRuns(): Promise<readonly RunStatus[]> {
  const { runList } = await import('@sumus/wire/bodies');
  return (await door.value?.json(runList, 'runs'))?.runs ?? [];
}

const SEALED_BYTES_AT_MOST = 4 * 2 ** 20;

// A coordinator deletes what was sealed when its round closes: one update of each is looked at while it is there.
effect(() => {
  const row = summary.value?.rounds.at(-1);
  const frame = row?.outcome === 'open' ? row.sealed?.frame : undefined;
  if (followed.value === null || frame === undefined || frame.bytes > SEALED_BYTES_AT_MOST) return;
  blobOf(frame).catch(() => undefined);
});
