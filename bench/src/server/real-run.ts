// One run over real HTTP between real processes: a server program, an owner in this process, participants in others. What is done to the
// server meanwhile is the caller's.

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type CheckedPlan, type SignedPlan, signPlan } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { freshSigner, ownPrimitives } from '../round/run-of-round.ts';
import type { CrowdSaid, CrowdTask, CrowdWork } from './crowd-mail.ts';
import { BenchOwner, type OwnerKeys } from './owner.ts';
import type { ServerPlace, ServerProgram } from './program.ts';

export interface RealRun {
  readonly runId: string;
  readonly folder: string;
  readonly names: readonly string[];
  /** How many processes the participants are spread over. */
  readonly processes: number;
  readonly work: CrowdWork;
  /** Of the whole run. */
  readonly withinMs: number;
}

export interface RealOutcome {
  /** From the first word of a participant to the last one's end. */
  readonly wallSeconds: number;
  readonly overs: readonly Extract<CrowdSaid, { kind: 'over' }>[];
  /** The log, one event a line. */
  readonly log: string;
  readonly signed: SignedPlan;
  readonly clientsCpuSeconds: number;
}

export const freshOwner = async (): Promise<OwnerKeys> => {
  const primitives = ownPrimitives();
  return { owner: await freshSigner(primitives), authority: await freshSigner(primitives) };
};

/** Words for a server that lets this owner create runs. */
export const wordsFor = ({ owner }: OwnerKeys, state: string): readonly string[] => [
  '--state',
  state,
  '--owner',
  Buffer.from(owner.publicKey).toString('hex'),
];

export async function realRun(
  program: ServerProgram,
  place: ServerPlace,
  keys: OwnerKeys,
  plan: CheckedPlan,
  run: RealRun,
  meanwhile: (isOver: () => boolean) => Promise<void> = async () => undefined,
): Promise<RealOutcome> {
  const signed = await signPlan(nodePrimitives(), keys.owner, plan);
  const owner = new BenchOwner(run.runId, place, keys, signed);
  const crowds: ChildProcess[] = [];
  try {
    await owner.create();
    const links = await owner.invite(run.names);
    const overs: Extract<CrowdSaid, { kind: 'over' }>[] = [];
    let clientsCpuSeconds = 0;
    const began = performance.now();
    const everybody = Array.from({ length: run.processes }, (_, at) => {
      const child = fork(new URL('./crowd-process.js', import.meta.url), { execArgv: [] });
      crowds.push(child);
      const ours = links.filter((_link, place) => place % run.processes === at);
      child.send({ links: ours, folder: join(run.folder, `crowd-${at}`), work: run.work } satisfies CrowdTask);
      return new Promise<void>((resolve, reject) => {
        child.on('message', (said: CrowdSaid) => {
          if (said.kind === 'over') overs.push(said);
          else if (said.kind === 'failed') reject(new Error(`participant ${said.place} of process ${at}: ${said.why}`));
          else {
            clientsCpuSeconds += said.cpuSeconds;
            resolve();
          }
        });
        child.on('exit', (code) => reject(new Error(`a process of participants ended with ${code}`)));
      });
    });
    let isOver = false;
    let impatience: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      impatience = setTimeout(
        () => reject(new Error(`the run is not over after ${run.withinMs} ms: ${program.said}`)),
        run.withinMs,
      );
    });
    const disturbed = meanwhile(() => isOver);
    disturbed.catch(() => undefined);
    try {
      await Promise.race([Promise.all(everybody), late]);
    } finally {
      isOver = true;
      clearTimeout(impatience);
    }
    const wallSeconds = (performance.now() - began) / 1000;
    await disturbed;
    return { wallSeconds, overs, log: await owner.log(), signed, clientsCpuSeconds };
  } finally {
    await owner.close();
    for (const crowd of crowds) {
      crowd.removeAllListeners('exit');
      crowd.kill('SIGKILL');
    }
  }
}
