// sumus encrypted explain, encrypt, predict and decrypt, for predictions: the owner of a model publishes an offer; the owner of examples
// encrypts them for it; the model's owner computes on what it cannot read; the examples' owner opens the answers.
import { statSync, writeFileSync } from 'node:fs';
import { ckksExecutor, clearExecutor, inputsFrom } from '@sumus/encrypted-learning/execute';
import { explain } from '@sumus/encrypted-learning/parameters';
import {
  examplesAtOnce,
  offeredInputs,
  offeredOutputNames,
  offeredOutputs,
  offerText,
  type PredictionOffer,
  predictionOffer,
} from '@sumus/encrypted-learning/prediction';
import { decrypt, encryptSymmetric } from '@sumus/lattice/ckks';
import { decodeCkksCiphertext, encodeCkksCiphertext } from '@sumus/lattice/wire';
import { UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import type { SourceOptions } from './data-source-options.ts';
import { readExampleRows } from './encrypted-examples.ts';
import { EncryptedReader, EncryptedWriter } from './encrypted-file.ts';
import { readEvaluationKeys } from './encrypted-keys.ts';
import {
  asUsage,
  contextOf,
  identityOf,
  type PackingKind,
  planModel,
  planOffered,
  readOffer,
  usageOf,
} from './encrypted-offer.ts';
import { WorkProgress } from './encrypted-progress.ts';
import { passphraseFrom, readSecretKey } from './encrypted-secret.ts';

export interface ExplainOptions {
  readonly packing: PackingKind;
  readonly magnitude: string;
  readonly error: string;
  readonly out?: string;
  readonly json?: true;
}

export function explainPrediction(model: string, options: ExplainOptions): void {
  const planned = planModel(model, {
    packing: options.packing,
    inputMagnitude: positive('--magnitude', options.magnitude),
    outputError: positive('--error', options.error),
  });
  const offer = asUsage(() => predictionOffer(planned.plan, planned.packing));
  if (options.out !== undefined) writeFileSync(options.out, `${offerText(offer)}\n`);
  if (options.json) {
    const { parameters, cost, keys } = planned.plan;
    printJson({
      model,
      packing: options.packing,
      parameters: parameters.toString(),
      levels: parameters.topLevel,
      slots: offer.slots,
      examplesAtOnce: examplesAtOnce(offer),
      rotations: keys.rotations.length,
      keyBytes: cost.seededKeyBytes,
      /** Ciphertexts at once, and the keys beside them. */
      peakBytes: cost.peakBytes + cost.keyBytes,
      work: cost.work,
      outputErrorBits: cost.typicalPrecisionBits - Math.log2(offer.outputFactor),
      offer: identityOf(offer),
    });
    return;
  }
  process.stdout.write(`${explain(planned.plan)}\n`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new UsageError(`${name} is a positive number, not ${text}`);
  return value;
}

export interface EncryptOptions extends SourceOptions {
  readonly offer: string;
  readonly secret: string;
  readonly passphraseFile?: string;
  readonly data: string;
  readonly leaveOut?: string;
  readonly out: string;
  readonly json?: true;
}

export async function encryptExamples(options: EncryptOptions): Promise<void> {
  const { offer, identity } = readOffer(options.offer);
  const context = await contextOf(offer);
  const { count, values } = await readExampleRows(options.data, options, offer.inputs);
  const { secret, key } = readSecretKey(options.secret, identity, context, passphraseFrom(options.passphraseFile));
  try {
    const progress = new WorkProgress('encrypting');
    const file = new EncryptedWriter(options.out, { holds: 'inputs', for: identity, key, count });
    try {
      for (const { group, first, size } of groupsOf(offer, count)) {
        const examples = values.subarray(first * offer.inputs, (first + size) * offer.inputs);
        for (const [name, slots] of checked(offer, examples, first)) {
          const ciphertext = encryptSymmetric(context, secret, slots, {
            level: offer.level,
            magnitude: offer.inputMagnitude,
            slots: offer.slots,
          });
          file.record(`${group}/${name}`, encodeCkksCiphertext(ciphertext));
        }
        progress.at(first + size, count);
      }
    } finally {
      file.close();
      progress.done();
    }
  } finally {
    secret.wipe();
  }
  said(options.json, { examples: count, out: options.out, bytes: statSync(options.out).size });
}

/** Names a refused number by its place in the file, not in the group. */
function checked(
  offer: PredictionOffer,
  examples: Float64Array,
  first: number,
): Generator<readonly [string, Float64Array]> {
  const bad = examples.findIndex((value) => !(Math.abs(value) <= offer.inputMagnitude));
  if (bad >= 0) {
    const row = first + Math.floor(bad / offer.inputs) + 1;
    throw new UsageError(
      `number ${(bad % offer.inputs) + 1} of row ${row} does not lie within ${offer.inputMagnitude} of 0`,
    );
  }
  return offeredInputs(offer, examples);
}

interface Group {
  readonly group: number;
  readonly first: number;
  readonly size: number;
}

/** As many examples as one run takes. */
function groupsOf(offer: PredictionOffer, count: number): readonly Group[] {
  const most = examplesAtOnce(offer);
  return Array.from({ length: Math.ceil(count / most) }, (_, group) => ({
    group,
    first: group * most,
    size: Math.min(most, count - group * most),
  }));
}

export interface PredictOptions extends SourceOptions {
  readonly offer: string;
  readonly keys?: string;
  readonly data: string;
  readonly leaveOut?: string;
  readonly out?: string;
  readonly clear?: true;
  readonly json?: true;
}

export async function predictEncrypted(model: string, options: PredictOptions): Promise<void> {
  if (options.clear) return predictInTheClear(model, options);
  const { keys: keysPath, out } = options;
  if (keysPath === undefined || out === undefined) throw new UsageError('--keys and --out are needed, or --clear');
  const offered = readOffer(options.offer);
  const { plan } = planOffered(model, offered);
  const context = await contextOf(offered.offer);
  // One example after another by the same matrices: they are encoded once.
  const encodings = offered.offer.packing.kind === 'features' ? 'all' : 'reused';
  const inputs = new EncryptedReader(options.data, 'inputs');
  try {
    inputs.requireFor(offered.identity);
    const { key } = inputs.header;
    const executor = asUsage(() =>
      ckksExecutor(plan, context, readEvaluationKeys(keysPath, offered.identity, context, key), { encodings }),
    );
    const count = inputs.header.count ?? examplesAtOnce(offered.offer);
    inputs.requireGroups(Math.ceil(count / examplesAtOnce(offered.offer)));
    const progress = new WorkProgress('predicting');
    const file = new EncryptedWriter(out, { holds: 'outputs', for: offered.identity, key, count });
    const groups = groupsOf(offered.offer, count);
    const began = process.cpuUsage();
    try {
      for (const { group } of groups) {
        const outputs = await executor.run(
          { encrypted: (name) => decodeCkksCiphertext(context, inputs.message(`${group}/${name}`)) },
          { onProgress: ({ done, total }) => progress.at(group + done / total, groups.length) },
        );
        for (const [name, value] of outputs) file.record(`${group}/${name}`, encodeCkksCiphertext(value));
      }
    } catch (cause) {
      throw usageOf(cause);
    } finally {
      file.close();
      progress.done();
    }
    const { user, system } = process.cpuUsage(began);
    const cpuSeconds = (user + system) / 1e6;
    said(options.json, { examples: count, out, bytes: statSync(out).size, cpuSeconds });
  } finally {
    inputs.close();
  }
}

/** The same circuit without encryption, for comparison. */
async function predictInTheClear(model: string, options: PredictOptions): Promise<void> {
  const offered = readOffer(options.offer);
  const { offer } = offered;
  const { plan } = planOffered(model, offered);
  const { count, values } = await readExampleRows(options.data, options, offer.inputs);
  const executor = clearExecutor(plan.circuit);
  const outputs: number[] = [];
  for (const { first, size } of groupsOf(offer, count)) {
    const inputs = new Map(checked(offer, values.subarray(first * offer.inputs, (first + size) * offer.inputs), first));
    outputs.push(...offeredOutputs(offer, await executor.run(inputsFrom(inputs)), size));
  }
  showOutputs(offer, Float64Array.from(outputs), options.json);
}

export interface DecryptOptions {
  readonly offer: string;
  readonly secret: string;
  readonly passphraseFile?: string;
  readonly data: string;
  readonly json?: true;
}

export async function decryptAnswers(options: DecryptOptions): Promise<void> {
  const { offer, identity } = readOffer(options.offer);
  const context = await contextOf(offer);
  const answers = new EncryptedReader(options.data, 'outputs');
  try {
    answers.requireFor(identity);
    answers.requireGroups(Math.ceil((answers.header.count ?? 1) / examplesAtOnce(offer)));
    const passphrase = passphraseFrom(options.passphraseFile);
    const { secret } = readSecretKey(options.secret, identity, context, passphrase, answers.header.key);
    try {
      const outputs: number[] = [];
      for (const { group, size } of groupsOf(offer, answers.header.count ?? 1)) {
        const opened = new Map(
          offeredOutputNames(offer).map((name) => {
            const ciphertext = asUsage(() => decodeCkksCiphertext(context, answers.message(`${group}/${name}`)));
            return [name, decrypt(secret, ciphertext, { slots: offer.slots })];
          }),
        );
        outputs.push(...offeredOutputs(offer, opened, size));
      }
      showOutputs(offer, Float64Array.from(outputs), options.json);
    } finally {
      secret.wipe();
    }
  } finally {
    answers.close();
  }
}

/** A line an example: the largest output's number first, then all outputs. */
function showOutputs({ outputs }: PredictionOffer, values: Float64Array, json: true | undefined): void {
  const rows = Array.from({ length: values.length / outputs }, (_, i) => [
    ...values.subarray(i * outputs, (i + 1) * outputs),
  ]);
  const largest = rows.map((row) => row.indexOf(Math.max(...row)));
  if (json) {
    printJson({ examples: rows.length, largest, outputs: rows });
    return;
  }
  rows.forEach((row, i) => {
    process.stdout.write(`${largest[i]},${row.map((value) => value.toPrecision(6)).join(',')}\n`);
  });
}

function said(json: true | undefined, found: Readonly<Record<string, number | string>>): void {
  if (json) printJson(found);
  else
    process.stdout.write(
      `${Object.entries(found)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}\n`,
    );
}
