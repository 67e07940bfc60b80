// Whole rounds over processes: the coordinator in one, one member in another, all other members in a third; between them nothing but this
// process, which carries messages and moves the clock when nobody has anything to say. The machines are those of `@sumus/federation`, with
// signed frames, all checks, ledgers and what members store; the network and the disk are left out.

import { type ChildProcess, fork } from 'node:child_process';
import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { SecretKey } from '@sumus/platform/primitives';
import { encodeCertificate } from '@sumus/secure-sum/identity';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import type { FromHost, HostTimes, MemberToHost, ToHost } from './mail.ts';
import {
  certificateOf,
  freshSigner,
  memberNames,
  ownPrimitives,
  ROUND_SECONDS,
  type RoundSize,
  STARTS_AT_MS,
  signedPlan,
} from './run-of-round.ts';

export interface RoundTimes {
  readonly parameters: number;
  /** Seconds of processor time of each round but the first. */
  readonly serverSeconds: readonly number[];
  /** Of the member that has a process of its own. */
  readonly clientSeconds: readonly number[];
  readonly contributors: readonly number[];
  readonly serverPeakMegabytes: number;
  readonly clientPeakMegabytes: number;
}

export async function wholeRounds(size: RoundSize): Promise<RoundTimes> {
  const primitives = ownPrimitives();
  const [authority, owner] = [await freshSigner(primitives), await freshSigner(primitives)];
  const serverKey = primitives.randomBytes(32);
  const server = await signerOf(primitives, SecretKey.fromBytes('ed25519', serverKey));
  const signed = await signedPlan(size, authority, owner);
  const plan = canonicalJson(signed);
  const names = memberNames(size);
  const members: MemberToHost[] = [];
  for (const [at, name] of names.entries()) {
    const key = primitives.randomBytes(32);
    const { publicKey } = await signerOf(primitives, SecretKey.fromBytes('ed25519', key));
    const certificate = encodeCertificate(await certificateOf(authority, name, publicKey));
    // The one that is measured is never among those who drop out.
    members.push({ name, key, certificate, passes: at > 0 && at <= size.dropped });
  }
  const hosts = { server: new Host(), one: new Host(), others: new Host() };
  const all = Object.values(hosts);
  try {
    const [one, ...others] = members;
    if (one === undefined) throw new RangeError('a round of nobody');
    let frames = 0;
    const isOne = (name: string): boolean => name === one.name;
    hosts.server.onSaid = (said) => {
      if (said.kind !== 'delivery') return;
      const [ours, theirs] = [said.heads.filter(({ to }) => isOne(to)), said.heads.filter(({ to }) => !isOne(to))];
      if (ours.length > 0) hosts.one.tell({ ...said, heads: ours });
      if (theirs.length > 0) hosts.others.tell({ ...said, heads: theirs });
    };
    for (const host of [hosts.one, hosts.others]) {
      host.onSaid = (said) => {
        if (said.kind !== 'frame') return;
        frames += 1;
        hosts.server.tell(said);
      };
    }
    hosts.server.tell({ kind: 'server', plan, key: serverKey });
    hosts.one.tell({ kind: 'members', plan, coordinator: server.publicKey, members: [one] });
    hosts.others.tell({ kind: 'members', plan, coordinator: server.publicKey, members: others });
    await quiet(all);
    hosts.one.tell({ kind: 'begin' });
    hosts.others.tell({ kind: 'begin' });
    await quiet(all);
    let nowMs = STARTS_AT_MS;
    for (let step = 0; !hosts.server.hasEnded; step += 1) {
      if (step > 40 * size.rounds) throw new Error('the run does not come to its end');
      const before = frames;
      // Training is over; and where nobody trained, the time of a phase.
      nowMs += 1000;
      for (const host of [hosts.one, hosts.others]) host.tell({ kind: 'tick', nowMs });
      await quiet(all);
      if (frames > before) continue;
      nowMs += 1000 * ROUND_SECONDS;
      hosts.server.tell({ kind: 'tick', nowMs });
      await quiet(all);
    }
    const [atServer, atOne] = [await hosts.server.finish(), await hosts.one.finish()];
    return {
      parameters: signed.plan.model.parameterCount,
      serverSeconds: differences(atServer.atRelease),
      clientSeconds: differences(atOne.atRelease),
      contributors: atServer.contributors.slice(1),
      serverPeakMegabytes: atServer.peakMegabytes,
      clientPeakMegabytes: atOne.peakMegabytes,
    };
  } finally {
    for (const host of all) host.end();
  }
}

const differences = (values: readonly number[]): readonly number[] =>
  values.slice(1).map((value, at) => value - (values[at] ?? 0));

async function quiet(hosts: readonly Host[]): Promise<void> {
  while (hosts.some(({ pending }) => pending > 0)) await Promise.race(hosts.map((host) => host.said()));
  for (const { failure } of hosts) if (failure !== undefined) throw new Error(failure);
}

class Host {
  readonly #child: ChildProcess;
  pending = 0;
  hasEnded = false;
  failure: string | undefined;
  onSaid: (said: FromHost) => void = () => undefined;
  #waiting: (() => void)[] = [];
  #times: HostTimes | undefined;

  constructor() {
    this.#child = fork(new URL('./host.js', import.meta.url), { serialization: 'advanced', execArgv: [] });
    this.#child.on('message', (said: FromHost) => this.#hear(said));
    this.#child.on('exit', (code) => {
      this.failure ??= `a process of the bench ended by itself, ${code}`;
      this.#wake();
    });
  }

  tell(message: ToHost): void {
    this.pending += 1;
    this.#child.send(message);
  }

  /** When it says anything. */
  said(): Promise<void> {
    if (this.pending === 0) return new Promise(() => undefined);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async finish(): Promise<HostTimes> {
    this.tell({ kind: 'finish' });
    while (this.#times === undefined && this.failure === undefined) await this.said();
    if (this.#times === undefined) throw new Error(this.failure);
    return this.#times;
  }

  end(): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill('SIGKILL');
  }

  #hear(said: FromHost): void {
    if (said.kind === 'failed') this.failure = said.why;
    if (said.kind === 'finished') this.#times = said.times;
    if (said.kind === 'done') this.hasEnded = said.hasEnded;
    if (said.kind === 'done' || said.kind === 'failed' || said.kind === 'finished') this.pending -= 1;
    if (said.kind === 'failed') this.pending = 0;
    this.onSaid(said);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
