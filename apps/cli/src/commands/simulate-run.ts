// One simulation as the command runs it: data in, a live view or lines while it goes, what it came to at the end.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerText } from '@sumus/federation/ledger';
import { nodePrimitives } from '@sumus/platform/node';
import type { LabelledExamples } from '@sumus/simulation/examples';
import { partitionText } from '@sumus/simulation/examples';
import { type Happening, type Simulated, seededBytes, simulate } from '@sumus/simulation/federation';
import { BadNews, UsageError } from '../command.ts';
import { isLive, LiveLines, mayColour } from '../live-lines.ts';
import { printColumns, printJson } from '../print.ts';
import { byteText, emptyView, foldView, logLine, percent, SIMULATED, upwards, viewLines } from '../run-view.ts';
import { openExamples, type Preparation } from './examples-source.ts';
import { modelBytes } from './model-of-run.ts';
import { type FederationOptions, federationOf, inputOf, partsFor, planFileFor, wholeOf } from './simulate-options.ts';
import { reportOf, type SimulationReport } from './simulate-report.ts';

export interface SimulateOptions extends FederationOptions {
  readonly tryEvery: string;
  readonly out?: string;
  readonly ledgers?: string;
}

export async function simulateFile(path: string, options: SimulateOptions): Promise<void> {
  const { out, ledgers, json } = options;
  const federation = federationOf(options);
  const tryEvery = wholeOf('--try-every', options.tryEvery, 1);
  const { plan } = planFileFor(path, json);
  if (out !== undefined && existsSync(out)) throw new UsageError(`${out} is there already; choose another name`);
  if (out !== undefined && !/\.safetensors$/i.test(out)) throw new UsageError(`${out} does not end in .safetensors`);
  if (ledgers !== undefined && existsSync(ledgers))
    throw new UsageError(`${ledgers} is there already; choose another name`);
  const platform = nodePrimitives();
  const { seed } = federation;
  const { training, test, notes, preparation } = await openExamples(
    options,
    inputOf(plan),
    seededBytes(platform, seed, 'split'),
  );
  const parts = partsFor(plan, federation, training, seededBytes(platform, seed, 'partition'));
  const screen = new Screen(json === true);
  for (const note of notes) screen.note(note);
  const began = performance.now();
  const simulated = await simulate({
    platform,
    plan,
    parts,
    test,
    seed,
    dropChance: federation.dropChance,
    stopAfter: federation.stopAfter,
    tryEvery,
    now: () => performance.now(),
    watch: (happening) => screen.watch(happening),
  });
  const seconds = (performance.now() - began) / 1000;
  const report = await reportOf(simulated, { seconds, federation, plan });
  if (out !== undefined) writeModel(out, simulated, test, preparation);
  if (ledgers !== undefined) writeLedgers(ledgers, simulated);
  if (json) printJson({ ...report, partition: partitionText(federation.partition), file: out ?? null });
  else tell(report, out);
  if (!report.isWhole) throw new BadNews('the simulation did not come to what it should');
}

/** A live view where somebody looks; lines where nobody does; nothing beside JSON. */
class Screen {
  readonly #isSilent: boolean;
  readonly #live: LiveLines | undefined;
  #view = emptyView;

  constructor(isSilent: boolean) {
    this.#isSilent = isSilent;
    this.#live = !isSilent && isLive(process.stdout, process.env) ? new LiveLines(process.stdout) : undefined;
  }

  note(text: string): void {
    if (!this.#isSilent) process.stdout.write(`${text}\n`);
  }

  watch(happening: Happening): void {
    if (this.#isSilent) return;
    if (this.#live === undefined) {
      const line = logLine(happening);
      if (line !== undefined) process.stdout.write(`${line}\n`);
      return;
    }
    this.#view = foldView(this.#view, happening);
    const style = { width: process.stdout.columns || 80, hasColour: mayColour(process.stdout, process.env) };
    const isEvent = happening.kind === 'ended' || happening.kind === 'round released';
    this.#live.show(() => viewLines(this.#view, style), performance.now(), isEvent ? 'now' : 'if due');
  }
}

function writeModel(
  out: string,
  simulated: Simulated,
  test: LabelledExamples,
  preparation: Preparation | undefined,
): void {
  const { enrolment, teller } = simulated;
  const { inputSize } = test;
  const bytes = modelBytes({ plan: enrolment.plan, published: teller.published, inputSize, preparation });
  if (bytes === undefined) throw new BadNews(`no sum was published: there is no model to write to ${out}`);
  writeFileSync(out, bytes, { flag: 'wx' });
}

function writeLedgers(folder: string, { server, members }: Simulated): void {
  mkdirSync(folder, { recursive: true });
  const all = [
    ['server', server.coordinator?.state.ledger] as const,
    ...members.map(({ name, state }) => [name, state?.ledger] as const),
  ];
  for (const [name, ledger] of all) {
    if (ledger !== undefined) writeFileSync(join(folder, `${name}.jsonl`), ledgerText(ledger.records), { flag: 'wx' });
  }
}

function tell(report: SimulationReport, out: string | undefined): void {
  const { accuracy, loss, epsilon, delta, bytes, seconds, virtualSeconds, rounds, end, receipts, ledgers } = report;
  const failed = rounds.filter(({ outcome }) => outcome === 'failed').length;
  process.stdout.write('\n');
  printColumns([
    ['end', end === null ? 'none' : end.text],
    [
      'rounds',
      `${rounds.length - failed} published, ${failed} failed, ${Math.round(virtualSeconds)} s by the simulated clock`,
    ],
    ...(accuracy === null
      ? []
      : [['accuracy', `${percent(accuracy)}${loss === null ? '' : `, loss ${loss.toFixed(4)}`}`]]),
    ['privacy', epsilon === null ? 'nothing is promised' : `ε ≤ ${upwards(epsilon)} at δ = ${delta}`],
    [
      'bytes',
      `${byteText(bytes.up)} up, ${byteText(bytes.down)} down; a participant and round ${byteText(bytes.upEach)} up, ${byteText(bytes.downEach)} down`,
    ],
    [
      'seconds',
      `${seconds.all.toFixed(1)}: training ${seconds.training.toFixed(1)}, protecting ${seconds.protecting.toFixed(1)}, server ${seconds.server.toFixed(1)}, trying ${seconds.evaluating.toFixed(1)}`,
    ],
    ['ledgers', `${ledgers.intact} of ${ledgers.all} intact, ${receipts} receipts kept`],
    ...(out === undefined ? [] : [['model', out]]),
  ]);
  process.stdout.write(`${SIMULATED}\n`);
}
