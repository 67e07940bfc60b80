// A process of participants over real HTTP: each is `@sumus/client` as anybody would run it, with a folder of its own.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LocalParticipant, threadWorker } from '@sumus/client/node';
import type { TrainingWorker } from '@sumus/client/worker';
import { ledgerText } from '@sumus/federation/ledger';
import { publishedHash } from '@sumus/federation/release';
import { nodePrimitives } from '@sumus/platform/node';
import { digits, drawn, seededBytes } from '../dssgd/digits.ts';
import type { CrowdSaid, CrowdTask, CrowdWork } from './crowd-mail.ts';

const say = (said: CrowdSaid): void => {
  process.send?.(said);
};

async function takePart(link: string, place: number, folder: string, work: CrowdWork): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const participant = await LocalParticipant.open(link, { folder });
  try {
    const participation = await participant.begin({ policy: 'this plan', worker: workerFor(work, place) });
    const { ended, published, ledger } = await participation.run();
    const why = ended.kind === 'run over' ? (ended.why ?? 'left') : ended.kind;
    const model =
      published === undefined ? null : Buffer.from(publishedHash(nodePrimitives(), published)).toString('hex');
    say({ kind: 'over', place, why, model, ledger: ledgerText(ledger), name: participant.link.member });
  } finally {
    await participant.close();
  }
}

function workerFor(work: CrowdWork, place: number): TrainingWorker {
  if (work.kind === 'digits') {
    const all = digits('train');
    if (all === undefined) throw new Error('MNIST is not here');
    const { inputs, targets } = drawn(all, work.examples, seededBytes(1, place));
    return threadWorker({ inputs, labels: targets, inputSize: 784 });
  }
  const { afterMs } = work;
  return {
    train: async ({ work: asked, plan }) => {
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      if (asked.kind !== 'update') throw new Error('statistics are asked for');
      const update = Float32Array.from({ length: plan.model.parameterCount }, (_, at) => ((at % 200) - 100) * 1e-6);
      const weights = asked.start.map((weight, at) => weight + (update[at] ?? 0));
      const units = plan.batching.minimumUnits;
      return { kind: 'update', update, weights, steps: 1, examples: units, units, meanLoss: 1, accuracy: undefined };
    },
    close: () => undefined,
  };
}

process.once('message', async ({ links, folder, work }: CrowdTask) => {
  await Promise.all(
    links.map((link, place) =>
      takePart(link, place, join(folder, String(place)), work).catch((error: unknown) =>
        say({ kind: 'failed', place, why: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      ),
    ),
  );
  const { user, system } = process.cpuUsage();
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  process.send?.({ kind: 'all over', cpuSeconds: (user + system) / 1e6, peakMegabytes } satisfies CrowdSaid, () =>
    process.exit(),
  );
});
process.on('disconnect', () => process.exit());
