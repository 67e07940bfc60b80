// A process of its own that writes to a store until it is done or killed, for store-processes.contract.ts:
// node store-worker-for-tests.js embedded|postgres PLACE append|upload|hold|stream NAME COUNT. Each line it prints was true before it was printed.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openEmbeddedStore } from './embedded-store.ts';
import { openPostgresStore } from './postgres-store.ts';
import type { Store } from './store.ts';

const [kind = '', place = '', mode = '', name = '', count = '0'] = process.argv.slice(2);

const say = (...words: readonly (string | number)[]): void => {
  writeSync(1, `${words.join(' ')}\n`);
};

/** Appends `count` times one to four events that say to which append they belong; goes on where others were first. */
async function append(store: Store): Promise<void> {
  let next = 0;
  for (let group = 0; group < Number(count); ) {
    const of = 1 + (group % 4);
    const lines = [...Array(of).keys()].map((part) =>
      JSON.stringify({ by: name, group, part, of, pad: 'x'.repeat(200) }),
    );
    const appended = await store.append('run', next, lines);
    next = appended.next;
    say(appended.kind, next);
    if (appended.kind === 'appended') group += 1;
  }
}

/** Byte i of the blob called `name`, in pieces that are the same in every process. */
function pieceOf(index: number, bytes: number): Buffer {
  const seed = createHash('sha256').update(`${name} ${index}`).digest();
  return Buffer.alloc(bytes, seed);
}

/** Uploads `count` pieces as one blob, from where the upload is. */
async function upload(store: Store, pieceBytes: number): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  for (let index = 0; index < Number(count); index += 1) hash.update(pieceOf(index, pieceBytes));
  const blob = { sha256: hash.digest('hex'), bytes: Number(count) * pieceBytes };
  const state = await store.uploadState('run', blob);
  say('blob', blob.sha256, blob.bytes);
  if (state.kind === 'complete') return blob;
  // A process may have died within a piece: the rest of it comes first.
  for (let at = state.offset; at < blob.bytes; ) {
    const index = Math.floor(at / pieceBytes);
    const piece = pieceOf(index, pieceBytes).subarray(at - index * pieceBytes);
    const uploaded = await store.upload('run', blob, at, piece);
    at += piece.length;
    say(uploaded.kind, at);
  }
  return blob;
}

/** Up and down again, and what the process grew by while it did so. */
async function stream(store: Store): Promise<void> {
  const warm = 'x'.repeat(10);
  await store.append('warm', 0, [warm]);
  const before = process.resourceUsage().maxRSS;
  const blob = await upload(store, 256 * 1024);
  let read = 0;
  for await (const piece of (await store.blob('run', blob)) ?? []) read += piece.length;
  say('streamed', read, process.resourceUsage().maxRSS - before);
}

const store = kind === 'embedded' ? openEmbeddedStore(place) : await openPostgresStore({ url: place, connections: 2 });
say('open');
if (mode === 'append') await append(store);
else if (mode === 'upload') await upload(store, 64 * 1024);
else if (mode === 'stream') await stream(store);
else await new Promise((resolve) => process.stdin.once('data', resolve));
await store.close();
say('closed');
process.exit(0);
