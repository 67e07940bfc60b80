// One participation as the command runs it: look at the plan, read the data, show what would leave, ask, take part, and say what came of it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Allowance, LocalParticipant, threadWorker } from '@sumus/client/node';
import type { Outcome, Progress } from '@sumus/client/participation';
import type { TrainingWorker } from '@sumus/client/worker';
import { ledgerText } from '@sumus/federation/ledger';
import { type CheckedPlan, problemLines } from '@sumus/federation/plan';
import { checkPolicy } from '@sumus/federation/policy';
import { BadNews, UsageError } from '../command.ts';
import { foldProgress, joinLines, joinViewOf, progressText } from '../network/join-view.ts';
import { type OwnDataOptions, readOwnData } from '../network/own-data.ts';
import { homeFolder } from '../network/owner-folder.ts';
import { untilStopped } from '../network/until-stopped.ts';
import { screenKind, WatchScreen } from '../network/watch-screen.ts';
import { printJson } from '../print.ts';
import { printVisible, visible } from './data-terminal.ts';
import { dryRunLines } from './join-dry-run.ts';
import { modelBytes } from './model-of-run.ts';
import { inputOf } from './simulate-options.ts';
import { sizeOf } from './table-examples.ts';
import { readText } from './text-file.ts';

export interface JoinOptions extends Omit<OwnDataOptions, 'data'> {
  readonly data?: string;
  readonly dataset: string;
  readonly policy?: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly state?: string;
  readonly out?: string;
  readonly leave?: string;
  readonly json?: true;
}

export async function joinRun(told: string, options: JoinOptions): Promise<void> {
  const link = told === '-' ? readFileSync(0, 'utf8') : told;
  const { out, json, leave } = options;
  if (out !== undefined && existsSync(out)) throw new UsageError(`${out} is there already; choose another name`);
  const policy: Allowance = options.policy === undefined ? 'this plan' : policyIn(options.policy);
  const folder = options.state ?? join(homeFolder(process.env), 'participant');
  const passphrase = process.env['SUMUS_PASSPHRASE'];
  const participant = await opened(link, folder, passphrase);
  try {
    await untilStopped(async (signal) => {
      const close = (): void => {
        participant.close().catch(() => undefined);
      };
      signal.addEventListener('abort', close);
      const { plan: signed } = await participant.look();
      const { plan } = signed;
      if (leave !== undefined) return leaveRun(participant, policy, options, leave);
      if (!(await isAllowed(participant, policy, plan, options))) return;
      const data = await dataFor(options, plan);
      if (json) printJson({ kind: 'data', examples: data.count });
      else for (const note of data.notes) process.stdout.write(`${note}\n`);
      signal.removeEventListener('abort', close);
      const outcome = await takePart(participant, { policy, options, worker: threadWorker(data), signal });
      await finish(outcome, folder, plan, options);
    });
  } finally {
    await participant.close();
  }
}

async function opened(link: string, folder: string, passphrase: string | undefined): Promise<LocalParticipant> {
  try {
    return await LocalParticipant.open(link, {
      folder,
      passphrase,
      onUnreachable: (why) => process.stderr.write(`sumus: ${visible(why)}; trying again\n`),
    });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'FolderInUse') {
      throw new UsageError(
        `${cause.message}. Another participant on this machine has a folder of its own: --state FOLDER`,
        {
          cause,
        },
      );
    }
    if (cause instanceof Error && cause.name === 'MalformedMessage') throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

function policyIn(path: string): Allowance {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`${path} is no JSON`, { cause });
  }
  const check = checkPolicy(value);
  if (check.kind === 'valid') return check.value;
  throw new UsageError(`${path} is no policy: ${problemLines(check.problems).join('; ')}`);
}

function dataFor(options: JoinOptions, plan: CheckedPlan): ReturnType<typeof readOwnData> {
  const { data } = options;
  if (data === undefined) throw new UsageError('with which data: --data PATH');
  return readOwnData({ ...options, data }, inputOf(plan));
}

/** Says what would leave, and asks where nobody has said yes. False where that was all that was wanted. */
async function isAllowed(
  participant: LocalParticipant,
  policy: Allowance,
  plan: CheckedPlan,
  { dataset, dryRun, yes, json }: JoinOptions,
): Promise<boolean> {
  const isAsked = policy === 'this plan' && !yes;
  if (!dryRun && !isAsked) return true;
  const would = await participant.dryRun(policy, dataset);
  if (json) printJson({ kind: 'dry run', ...would });
  else for (const line of dryRunLines(plan, would)) process.stdout.write(`${line}\n`);
  if (dryRun) {
    if (would.judgement.kind !== 'accepted') throw new BadNews('the policy does not allow this plan');
    return false;
  }
  if (process.stdin.isTTY !== true || json) {
    throw new UsageError('nobody is there to be asked: --yes says yes to this plan, --policy FILE says what you allow');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = (await terminal.question('Take part? [y/N] ')).trim().toLowerCase();
  terminal.close();
  if (answer === 'y' || answer === 'yes') return true;
  process.stdout.write('Nothing was sent.\n');
  return false;
}

interface Taking {
  readonly policy: Allowance;
  readonly options: JoinOptions;
  readonly worker: TrainingWorker;
  readonly signal: AbortSignal;
}

async function takePart(participant: LocalParticipant, { policy, options, worker, signal }: Taking): Promise<Outcome> {
  const { json, dataset } = options;
  const screen = new WatchScreen(screenKind(json));
  const { runId, member } = participant.link;
  let view = joinViewOf(runId, member);
  const show = (progress: Progress): void => {
    view = foldProgress(view, progress);
    screen.show({
      lines: (style) => joinLines(view, style),
      text: progressText(progress),
      value: saidOf(progress),
      isDueNow: progress.kind === 'model' || progress.kind === 'over',
    });
  };
  const stopWaiting = (): void => {
    participant.close().catch(() => undefined);
  };
  signal.addEventListener('abort', stopWaiting);
  const participation = await participant.begin({
    policy,
    dataset,
    worker,
    onProgress: show,
    onWaiting: () => screen.say('asked to be let in; the owner of the run has to answer (sumus start, sumus invite)'),
  });
  signal.removeEventListener('abort', stopWaiting);
  const pause = (): void => participation.pause();
  signal.addEventListener('abort', pause);
  if (signal.aborted) pause();
  try {
    return await participation.run();
  } finally {
    signal.removeEventListener('abort', pause);
    worker.close();
  }
}

/** For a program: without the model, whose bytes nobody reads in a line. */
function saidOf(progress: Progress): object {
  switch (progress.kind) {
    case 'model': {
      const { published: _, ...rest } = progress;
      return rest;
    }
    case 'evidence':
      return { kind: progress.kind, reason: progress.reason, messages: progress.messages.length };
    default:
      return progress;
  }
}

async function leaveRun(
  participant: LocalParticipant,
  policy: Allowance,
  { dataset, json }: JoinOptions,
  reason: string,
): Promise<void> {
  const worker: TrainingWorker = { train: () => new Promise(() => undefined), close: () => undefined };
  let leaving: Promise<void> | undefined;
  const participation = await participant.begin({
    policy,
    dataset,
    worker,
    onProgress: ({ kind }) => {
      if (kind === 'connected') leaving ??= participation.leave(reason);
    },
  });
  const { ended } = await participation.run();
  await leaving;
  if (json) printJson({ ...ended, kind: 'ended', how: ended.kind });
  else process.stdout.write('Left. What was contributed stays in sums that were opened; nothing more leaves.\n');
}

async function finish(
  { ended, plan: signed, published, ledger }: Outcome,
  folder: string,
  plan: CheckedPlan,
  { out, json }: JoinOptions,
): Promise<void> {
  const text = 'text' in ended ? ended.text : 'Stopped; the same command goes on.';
  const ledgerFile = join(folder, 'ledger.jsonl');
  // A copy to read: the ledger itself is sealed in the folder.
  writeFileSync(ledgerFile, ledgerText(ledger), { mode: 0o600 });
  const bytes =
    out === undefined || signed === undefined
      ? undefined
      : modelBytes({
          plan: signed,
          published,
          inputSize: sizeOf(inputOf(plan).shape),
          preparation: undefined,
        });
  if (bytes !== undefined && out !== undefined) writeFileSync(out, bytes, { flag: 'wx' });
  const receipts = ledger.filter(({ content }) => content.kind === 'receipt kept').length;
  if (json) {
    const model = bytes === undefined ? null : out;
    printJson({ kind: 'ended', how: ended.kind, text, ledger: ledgerFile, records: ledger.length, receipts, model });
  } else {
    process.stdout.write('\n');
    printVisible([
      ['end', text],
      ['ledger', `${ledgerFile}: ${ledger.length} records, ${receipts} receipts; sumus ledger show reads it`],
      ...(bytes === undefined || out === undefined ? [] : [['model', out]]),
    ]);
  }
  if (ended.kind === 'turned away' || ended.kind === 'declined') throw new BadNews(text);
}
