// The demonstration, from an empty folder to a model: a server, an owner and five participants, each a program of its own, and digits that each
// participant has for itself. One command plays owner and starts the server: in a run these are two parties, and the screen says so.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyFor } from '@sumus/client/consent';
import { readLedgerText } from '@sumus/federation/ledger';
import { type SignedPlan, signPlan } from '@sumus/federation/plan';
import { eventLine } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { hexOf } from '@sumus/wire/text';
import { inviteOnce } from '../commands/invite.ts';
import { modelBytes } from '../commands/model-of-run.ts';
import { installedPages } from '../commands/serve.ts';
import { epsilonOf } from '../commands/start.ts';
import { type EventsView, eventsLines, eventText } from '../network/events-view.ts';
import { type Followed, followRun } from '../network/follow-run.ts';
import { type OpenRun, openRun } from '../network/own-run.ts';
import { type OwnerFolder, openOwnerFolder } from '../network/owner-folder.ts';
import { findRunRecord, type RunRecord, writeRunRecord } from '../network/run-record.ts';
import type { ServerAddress } from '../network/server-address.ts';
import { type RunningServer, startServer } from '../network/server-program.ts';
import type { WatchScreen } from '../network/watch-screen.ts';
import { type DemoFolder, digitsOf, endDemo, writeDigits } from './demo-folder.ts';
import { demoPlan } from './demo-plan.ts';
import { tryDemo } from './demo-trial.ts';
import { type DealtDigits, dealtDigits } from './digits.ts';
import { endOrphanedServer, noteServer } from './orphaned-server.ts';
import { ParticipantProgram } from './participant-program.ts';
import { Stages } from './stages.ts';

export const DEMO_RUN = 'digits';
export const DEMO_DATASET = 'digits';
const TEST_COUNT = 1000;
const DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1000;
const PRIVACY = { epsilon: 8, delta: 1e-5 } as const;

export interface DemoReceipt {
  readonly member: string;
  readonly round: number;
  /** SHA-256 of what it sent, hexadecimal. */
  readonly contribution: string;
}

export interface DemoResult {
  readonly folder: string;
  readonly url: string;
  readonly plan: SignedPlan;
  readonly view: EventsView;
  /** After the start of the command, in milliseconds; null where the round was open before. */
  readonly firstRoundMs: number | null;
  readonly seconds: number;
  readonly epsilon: number | null;
  readonly accuracy: number;
  readonly accuracyWithoutPrivacy: number;
  readonly modelFile: string;
  readonly receipts: readonly DemoReceipt[];
}

export interface DemoOptions {
  readonly folder: DemoFolder;
  readonly screen: WatchScreen;
  readonly signal: AbortSignal;
  readonly startedAtMs: number;
}

/** Undefined where it was stopped: the same folder goes on. */
export async function runDemo(options: DemoOptions): Promise<DemoResult | undefined> {
  const { folder, screen } = options;
  const owner = await openOwnerFolder(join(folder.path, 'owner'));
  if (folder.isResumed && (await endOrphanedServer(folder.path))) screen.say('ended a server that was left behind');
  const starting = startServer({
    words: serverWords(folder.path, owner),
    isDetached: true,
    log: (line) => appendFileSync(join(folder.path, 'server.log'), `${line}\n`),
  });
  // While the server begins; where it cannot, that is what went wrong.
  starting.catch(() => undefined);
  const digits = dealtDigits({ participants: folder.participants, testCount: TEST_COUNT });
  if (!existsSync(digitsOf(folder.path, 'test'))) writeDigits(folder.path, digits);
  const server = await starting;
  noteServer(folder.path, server);
  const programs: ParticipantProgram[] = [];
  try {
    screen.say(`server   ${server.address.url}, process ${server.pid}; state in ${folder.path}`);
    if (installedPages() !== undefined)
      screen.say(`page     ${server.address.url}/?run=${DEMO_RUN}, as long as it runs`);
    const opened = openRun(owner, await recordFor(folder, owner, server.address, digits));
    try {
      return await play(options, { opened, server, digits, programs });
    } finally {
      opened.close();
    }
  } finally {
    await Promise.all(programs.map((one) => one.stop()));
    await server.stop();
  }
}

const serverWords = (path: string, owner: OwnerFolder): readonly string[] => {
  const pages = installedPages();
  return [
    '--listen=127.0.0.1:0',
    `--state=${join(path, 'server')}`,
    `--owner=${hexOf(owner.owner.publicKey)}`,
    // On this machine, of published digits: whoever opens the address may look.
    '--public-dashboard',
    ...(pages === undefined ? [] : [`--pages=${pages}`]),
  ];
};

/** Begun again, the server has another port, and all the rest stays. */
async function recordFor(
  { path, model, participants }: DemoFolder,
  owner: OwnerFolder,
  server: ServerAddress,
  digits: DealtDigits,
): Promise<RunRecord> {
  const before = findRunRecord(owner.folder, DEMO_RUN);
  const nowMs = Date.now();
  const plan =
    before?.plan ??
    (await signPlan(
      nodePrimitives(),
      owner.owner,
      demoPlan({
        model,
        participants,
        records: Math.min(...digits.parts.map(({ count }) => count)),
        ...PRIVACY,
        authority: hexOf(owner.authority.publicKey),
        endsAtMs: nowMs + DAYS * DAY_MS,
      }),
    ));
  const record = { runId: DEMO_RUN, projectId: DEMO_RUN, server, plan, createdAtMs: before?.createdAtMs ?? nowMs };
  writeRunRecord(owner.folder, record);
  const signed = join(path, 'plan.json');
  if (!existsSync(signed)) writeFileSync(signed, `${JSON.stringify(plan, null, 2)}\n`);
  const policy = join(path, 'policy.json');
  if (!existsSync(policy)) writeFileSync(policy, `${JSON.stringify(policyFor(plan, DEMO_DATASET), null, 2)}\n`);
  return record;
}

interface Stage {
  readonly opened: OpenRun;
  readonly server: RunningServer;
  readonly digits: DealtDigits;
  readonly programs: ParticipantProgram[];
}

async function play(
  { folder, screen, signal, startedAtMs }: DemoOptions,
  { opened, server, digits, programs }: Stage,
): Promise<DemoResult | undefined> {
  const { run } = opened;
  const { plan } = run.record;
  await run.create();
  const names = digits.parts.map(({ name }) => name);
  const stages = new Stages(names);
  const epsilonAfter = epsilonOf(plan);
  let view: EventsView | undefined;
  let firstRoundMs: number | null = null;
  const log: string[] = [];
  const draw = (text?: string, isDueNow = false): void => {
    const drawn = view;
    screen.show({
      lines: (style) =>
        drawn === undefined
          ? stages.lines(style)
          : [...eventsLines(drawn, { ...style, epsilonAfter }), ...stages.lines(style)],
      text,
      isDueNow,
    });
  };
  for (const name of names) {
    const known = run.book.all.find(({ member }) => member === name);
    const link = run.linkOf(known?.certified === undefined ? await inviteOnce(run, name, DAYS) : known);
    programs.push(
      new ParticipantProgram({
        name,
        words: joinWords(folder.path, name, link),
        onLine: (value) => {
          stages.heard(name, value);
          draw();
        },
        onTrouble: (text) => draw(text, true),
      }),
    );
  }
  const following = new AbortController();
  const stop = (): void => following.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const follow = followRun(run, {
    signal: following.signal,
    startWith: names.length,
    onAnswer: (text) => draw(text),
    onEvent: (after, event) => {
      view = after;
      log.push(`${eventLine(event)}\n`);
      if (event.kind === 'round opened') firstRoundMs ??= sinceStart(event.atMs, startedAtMs);
      draw(eventText(event, epsilonAfter), event.kind === 'released' || event.kind === 'run ended');
    },
  });
  const followed = await Promise.race([follow, server.ended.then(() => undefined)]);
  stop();
  signal.removeEventListener('abort', stop);
  if (followed === undefined) {
    await follow.catch(() => undefined);
    throw new Error('the server ended before the run; the same command goes on');
  }
  if (followed.view.ended === undefined) return undefined;
  writeFileSync(eventsOf(folder.path), log.join(''));
  await Promise.all(programs.map(({ over }) => over));
  draw(undefined, true);
  screen.say('trying the model on digits that nobody trained on…');
  const seconds = (performance.now() - startedAtMs) / 1000;
  return finished({ folder, firstRoundMs, seconds, url: server.address.url }, opened, followed, digits);
}

/** Null for what was before: the log is read from its beginning. */
function sinceStart(atMs: number, startedAtMs: number): number | null {
  const ms = atMs - performance.timeOrigin - startedAtMs;
  return ms >= 0 ? ms : null;
}

const joinWords = (path: string, name: string, link: string): readonly string[] => [
  'join',
  link,
  `--data=${digitsOf(path, name)}`,
  `--dataset=${DEMO_DATASET}`,
  `--state=${join(path, 'participants', name)}`,
  `--policy=${join(path, 'policy.json')}`,
  '--json',
];

/** The run's whole log, which the server has, too: what evidence is examined from once it is gone. */
export const eventsOf = (path: string): string => join(path, 'events.jsonl');

export const ledgerOf = (path: string, name: string): string => join(path, 'participants', name, 'ledger.jsonl');

interface Finished extends Pick<DemoResult, 'firstRoundMs' | 'seconds' | 'url'> {
  readonly folder: DemoFolder;
}

async function finished(
  { folder, ...rest }: Finished,
  { run }: OpenRun,
  { view, newest }: Followed,
  digits: DealtDigits,
): Promise<DemoResult> {
  const { plan } = run.record;
  if (newest?.model == null) throw new Error(`no sum was published: ${view.ended?.text ?? 'the run is over'}`);
  const published = await run.model(newest.model);
  const { inputSize } = digits.test;
  const bytes = modelBytes({ plan, published, inputSize, preparation: undefined });
  if (bytes === undefined) throw new Error('what was published is no model');
  const modelFile = join(folder.path, `${DEMO_RUN}.safetensors`);
  writeFileSync(modelFile, bytes);
  const trial = await tryDemo(plan.plan, published, digits);
  endDemo(folder);
  return {
    ...rest,
    ...trial,
    folder: folder.path,
    plan,
    view,
    epsilon: epsilonOf(plan)(view.releases),
    modelFile,
    receipts: digits.parts.flatMap(({ name }) => receiptsIn(folder.path, name)),
  };
}

/** What each participant checked and wrote down itself. */
function receiptsIn(path: string, member: string): readonly DemoReceipt[] {
  const file = ledgerOf(path, member);
  if (!existsSync(file)) return [];
  return readLedgerText(readFileSync(file, 'utf8')).flatMap(({ content }) =>
    content.kind === 'receipt kept' ? [{ member, round: content.round, contribution: content.contribution }] : [],
  );
}
