// sumus start: a plan becomes a run at a server. Signs the plan where it is not signed, creates the run, invites, answers who comes, begins once
// enough have accepted, shows it, and writes the model. Killed and started again, it goes on with the same run.
import { existsSync, writeFileSync } from 'node:fs';
import { checkPlan, epsilonAfter, planId, problemLines, type SignedPlan, signPlan } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { hexOf } from '@sumus/wire/text';
import type { Command } from 'commander';
import { BadNews, type SumusCommand, UsageError } from '../command.ts';
import { type EventsView, eventsLines, eventText } from '../network/events-view.ts';
import { type Followed, followRun } from '../network/follow-run.ts';
import { movedServer, serverFor } from '../network/known-server.ts';
import { type OpenRun, openRun } from '../network/own-run.ts';
import { type OwnerFolder, openOwnerFolder, usualOwnerFolder } from '../network/owner-folder.ts';
import { findRunRecord, type RunRecord, requireRunId, writeRunRecord } from '../network/run-record.ts';
import { untilStopped } from '../network/until-stopped.ts';
import { screenKind, WatchScreen } from '../network/watch-screen.ts';
import { printJson } from '../print.ts';
import { deltaText, upwards } from '../run-view.ts';
import { printVisible } from './data-terminal.ts';
import { daysOf, inviteOnce, tellLink } from './invite.ts';
import { modelBytes } from './model-of-run.ts';
import { inputOf, planFileFor, wholeOf } from './simulate-options.ts';
import { sizeOf } from './table-examples.ts';

export interface StartOptions {
  readonly server?: string;
  readonly run?: string;
  readonly project?: string;
  readonly invite?: string;
  readonly days: string;
  readonly atLeast?: string;
  readonly out?: string;
  readonly qr?: true;
  readonly keys?: string;
  readonly json?: true;
}

export const start: SumusCommand = {
  declare(program: Command): void {
    program
      .command('start')
      .description('make a run of a plan at a server: invite, certify, begin, watch, and keep the model')
      .argument('<plan>', 'a plan: JSON; signed by your owner key here where nobody signed it')
      .option('--server <address>', 'as sumus serve printed it (default: the one that was started on this machine)')
      .option('--run <name>', "the run's name (default: the plan's)")
      .option('--project <name>', "what certificates are for (default: the plan's name)")
      .option('--invite <members>', 'how many, or their names with commas between (default: as many as are needed)')
      .option('--days <days>', 'for how long invitations hold', '7')
      .option('--at-least <count>', 'begin once so many accepted (default: all who were invited)')
      .option('-o, --out <file>', 'where the model goes (default: RUN.safetensors)')
      .option('--qr', 'show a QR code beside each link')
      .option('--keys <folder>', 'where your keys are (default: SUMUS_HOME/owner, or ~/.sumus/owner)')
      .option('--json', 'a JSON object a line: invitations, events, and the end')
      .addHelpText('after', '\nExample:\n  sumus start plan.json --invite aarau,basel,chur --qr\n')
      .action((plan: string, options: StartOptions) => startRun(plan, options));
  },
};

async function startRun(path: string, options: StartOptions): Promise<void> {
  const { json } = options;
  const owner = await openOwnerFolder(options.keys ?? usualOwnerFolder());
  const record = await recordFor(path, options, owner);
  const { plan } = record.plan;
  const out = options.out ?? `${record.runId}.safetensors`;
  if (existsSync(out)) throw new UsageError(`${out} is there already; choose another name with --out`);
  const names = invitedNames(options.invite, plan.contributors.minimum);
  const atLeast = options.atLeast === undefined ? names.length : wholeOf('--at-least', options.atLeast, 1);
  const startWith = Math.max(atLeast, plan.contributors.minimum);
  if (startWith > names.length) {
    throw new UsageError(
      `the plan takes ${plan.contributors.minimum} contributors or more, and ${names.length} are invited`,
    );
  }
  const opened = openRun(owner, record);
  try {
    await opened.run.create();
    if (!json) process.stdout.write(`run ${record.runId} at ${record.server.url}, plan ${record.plan.id}\n`);
    await inviteAll(opened, names, options);
    const followed = await untilStopped((signal) => follow(opened, startWith, signal, json));
    await finish(opened, followed, { out, json });
  } finally {
    opened.close();
  }
}

/** The one that was begun before, or a new one, written down before the server hears of it. */
async function recordFor(path: string, options: StartOptions, owner: OwnerFolder): Promise<RunRecord> {
  const file = planFileFor(path, options.json);
  const runId = requireRunId(options.run ?? file.plan.name);
  const signed = file.signed ?? (await signedHere(file.plan, owner));
  requireOwn(signed, owner);
  const before = findRunRecord(owner.folder, runId);
  if (before !== undefined) {
    if (before.plan.id === signed.id) return movedRecord(before, options, owner);
    throw new UsageError(`${runId} was started with another plan: choose another name with --run`);
  }
  const record: RunRecord = {
    runId,
    projectId: options.project ?? file.plan.name,
    server: serverFor(options.server),
    plan: signed,
    createdAtMs: Date.now(),
  };
  writeRunRecord(owner.folder, record);
  return record;
}

/** The same server may have another address than when the run was begun; another server knows nothing of the run. */
function movedRecord(before: RunRecord, { server: told, project }: StartOptions, owner: OwnerFolder): RunRecord {
  const { runId, projectId, server } = before;
  if (project !== undefined && project !== projectId) {
    throw new UsageError(`${runId} was started in the project ${projectId}: choose another name with --run`);
  }
  const found = movedServer(server, told);
  if (found.coordinator !== server.coordinator) {
    throw new UsageError(`${runId} is at another server, ${server.url}: choose another name with --run`);
  }
  if (found.url === server.url && found.fingerprint === server.fingerprint) return before;
  const moved = { ...before, server: found };
  writeRunRecord(owner.folder, moved);
  return moved;
}

/** A plan that says nobody who vouches is for who starts it: its own authority is written in before it is signed. */
async function signedHere(plan: SignedPlan['plan'], owner: OwnerFolder): Promise<SignedPlan> {
  const { contributors } = plan;
  const admission = { kind: 'invitation', authority: hexOf(owner.authority.publicKey) } as const;
  const check = checkPlan(
    contributors.admission.kind === 'open' ? { ...plan, contributors: { ...contributors, admission } } : plan,
  );
  if (check.kind === 'invalid') throw new UsageError(problemLines(check.problems).join('; '));
  return signPlan(nodePrimitives(), owner.owner, check.plan);
}

function requireOwn(signed: SignedPlan, owner: OwnerFolder): void {
  if (planId(nodePrimitives(), signed.plan) !== signed.id)
    throw new UsageError('the plan was changed after it was signed');
  if (signed.signedBy !== hexOf(owner.owner.publicKey)) {
    throw new UsageError(`the plan is signed by ${signed.signedBy}, and your key is ${hexOf(owner.owner.publicKey)}`);
  }
  const { admission } = signed.plan.contributors;
  const own = hexOf(owner.authority.publicKey);
  if (admission.kind !== 'invitation' || admission.authority !== own) {
    throw new UsageError(
      `the plan's contributors.admission is not by your authority ${own}: write it in, and sign again`,
    );
  }
}

function invitedNames(told: string | undefined, needed: number): readonly string[] {
  const count = Number(told ?? needed);
  const isCount = Number.isSafeInteger(count) && count > 0;
  const names = isCount
    ? Array.from({ length: count }, (_, place) => `participant-${place + 1}`)
    : (told ?? '').split(',').map((name) => name.trim());
  if (new Set(names).size !== names.length) throw new UsageError('--invite names somebody twice');
  return names;
}

async function inviteAll({ run }: OpenRun, names: readonly string[], options: StartOptions): Promise<void> {
  const days = daysOf(options.days);
  const members = new Set(run.book.all.filter(({ certified }) => certified !== undefined).map(({ member }) => member));
  for (const name of names) {
    if (members.has(name)) continue;
    tellLink(run, await inviteOnce(run, name, days), options);
  }
}

async function follow(
  { run }: OpenRun,
  startWith: number,
  signal: AbortSignal,
  json: true | undefined,
): Promise<Followed> {
  const screen = new WatchScreen(screenKind(json));
  const epsilon = epsilonOf(run.record.plan);
  screen.say(`waiting until ${startWith} have accepted; Ctrl-C ends this command, and the run goes on without it`);
  return followRun(run, {
    signal,
    startWith,
    onAnswer: (text) => screen.show({ lines: () => [text], text, value: { kind: 'answered', text }, isDueNow: true }),
    onEvent: (view: EventsView, event) =>
      screen.show({
        lines: (style) => eventsLines(view, { ...style, epsilonAfter: epsilon }),
        text: eventText(event, epsilon),
        value: { kind: 'event', event },
        isDueNow: event.kind === 'released' || event.kind === 'run ended',
      }),
  });
}

/** Each number of releases once: it takes a moment. */
export function epsilonOf({ plan }: SignedPlan): (releases: number) => number | null {
  const known = new Map<number, number | null>();
  return (releases) => {
    const found = known.get(releases);
    if (found !== undefined) return found;
    const answer = epsilonAfter(plan, releases);
    const epsilon = answer?.kind === 'bound' ? answer.epsilon : null;
    known.set(releases, epsilon);
    return epsilon;
  };
}

interface Finishing {
  readonly out: string;
  readonly json: true | undefined;
}

async function finish({ run }: OpenRun, { view, newest }: Followed, { out, json }: Finishing): Promise<void> {
  const { runId, plan: signed } = run.record;
  if (view.ended === undefined) {
    if (!json)
      process.stdout.write(`\nThe run goes on at its server: sumus start with the same plan comes back to it.\n`);
    return;
  }
  const published = newest?.model == null ? undefined : await run.model(newest.model);
  const inputSize = sizeOf(inputOf(signed.plan).shape);
  const bytes = modelBytes({ plan: signed, published, inputSize, preparation: undefined });
  if (bytes !== undefined) writeFileSync(out, bytes, { flag: 'wx' });
  const file = bytes === undefined ? null : out;
  const epsilon = view.releases === 0 ? null : epsilonOf(signed)(view.releases);
  const { privacy } = signed.plan;
  if (json) {
    const delta = privacy.kind === 'none' ? null : privacy.delta;
    printJson({ kind: 'ended', run: runId, ...view.ended, sums: view.releases, epsilon, delta, file });
  } else {
    process.stdout.write('\n');
    printVisible([
      ['end', view.ended.text],
      ['privacy', epsilonText(privacy, epsilon)],
      ['contributors', view.contributors.join(', ')],
      ...(file === null ? [] : [['model', `${file}; sumus model evaluate ${file} --data … tries it`]]),
      ['evidence', `sumus evidence ${runId}`],
    ]);
  }
  if (view.releases === 0) throw new BadNews('no sum was published');
}

export const epsilonText = (privacy: SignedPlan['plan']['privacy'], epsilon: number | null): string => {
  if (privacy.kind === 'none') return `none: ${privacy.reason}`;
  if (epsilon === null) return 'nothing was released';
  return `ε ≤ ${upwards(epsilon)} at δ = ${deltaText(privacy.delta)}, for each ${privacy.unit}, against everybody who sees what was released`;
};
