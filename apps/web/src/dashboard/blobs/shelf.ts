// Bytes that lie beside a log, by their SHA-256: those that somebody dropped with it, and those that a coordinator still has. What comes back has
// the hash that was asked for, whoever gave it.

import { type Signal, signal } from '@preact/signals';
import type { BlobName } from '@sumus/federation/run';

export type Fetches = (blob: BlobName) => Promise<Uint8Array<ArrayBuffer> | null>;

/** Counts what was put here, so that who found nothing looks again. */
export const shelved: Signal<number> = signal(0);

const dropped = new Map<string, Uint8Array<ArrayBuffer>>();
let fetches: Fetches = async () => null;

const KEPT_BYTES_AT_MOST = 64 * 2 ** 20;

/** Where blobs that are not here may be had: from the coordinator of a live run. */
export function fetchBlobsBy(by: Fetches): void {
  fetches = by;
}

export async function shelve(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const all = [...dropped.values()].reduce((sum, one) => sum + one.length, 0);
  if (all + bytes.length > KEPT_BYTES_AT_MOST) dropped.clear();
  dropped.set(await hashOf(bytes), bytes);
  shelved.value += 1;
}

/** Null where nobody has it any more. */
export async function blobOf(name: BlobName): Promise<Uint8Array<ArrayBuffer> | null> {
  const here = dropped.get(name.sha256);
  if (here !== undefined) return here;
  const found = await fetches(name);
  if (found === null || (await hashOf(found)) !== name.sha256) return null;
  await shelve(found);
  return found;
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
