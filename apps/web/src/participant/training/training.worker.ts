// The worker that has the data: what it is made of comes from the browser, what it does is training-room.ts.

import { wasmEngine } from '@sumus/learning/engine';
import { loadWebPrimitives } from '@sumus/platform/web';
import { loadDigits } from '../../digits/load-digits.ts';
import { decodeJpeg } from '../data/decode-jpeg.ts';
import { Database } from '../keeping/database.ts';
import { vaultIn } from '../keeping/vault.ts';
import type { FromTraining, ToTraining, WorkAnswered, WorkAsked } from './training-messages.ts';
import { TrainingRoom } from './training-room.ts';

const tell = (message: FromTraining): void => postMessage(message);

async function open(): Promise<TrainingRoom> {
  const [engine, platform, database] = await Promise.all([wasmEngine(), loadWebPrimitives(), Database.open()]);
  return new TrainingRoom({
    engine,
    platform,
    storage: await vaultIn(database),
    randomBytes: (length) => platform.randomBytes(length),
    digits: loadDigits,
    decodeJpeg,
    nowMs: () => performance.now(),
    tell,
  });
}

const room = open();
let steps: Promise<void> = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<ToTraining>) => {
  if (data.kind === 'port') return serve(data.port);
  // In order: a mapping belongs to the table before it.
  steps = steps
    .then(async () => (await room).take(data))
    .catch((cause: unknown) => tell({ kind: 'trouble', text: cause instanceof Error ? cause.message : String(cause) }));
});

function serve(port: MessagePort): void {
  port.addEventListener('message', ({ data }: MessageEvent<WorkAsked>) => {
    const answer = (message: WorkAnswered): void => port.postMessage(message);
    steps = steps
      .then(async () => (await room).work(data, answer))
      .catch((cause: unknown) => answer({ number: data.number, failed: String(cause) }));
  });
  port.start();
}
