// What a simulation tells: the server's log, as it grows, and what the members' machines put out become happenings with what each round cost.

import type { ParticipantOutput } from '@sumus/federation/participant';
import { type CheckedPlan, epsilonAfter } from '@sumus/federation/plan';
import type { Published } from '@sumus/federation/release';
import type { RunEvent } from '@sumus/federation/run';
import type { LabelledExamples } from '../examples/index.ts';
import type { Network } from '../faults/index.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Ended, Happening, RoundCost, RoundEndedWithout, RoundReleased } from './happening.ts';
import type { SimulatedMember } from './member.ts';
import type { SimulatedServer } from './server.ts';
import type { Trial, TrialOf } from './trial.ts';

export interface TellerOptions {
  readonly plan: CheckedPlan;
  readonly planId: string;
  readonly seed: number;
  readonly server: SimulatedServer;
  readonly members: readonly SimulatedMember[];
  readonly network: Network;
  readonly rounds: number;
  readonly examples: readonly number[];
  readonly test: LabelledExamples | undefined;
  readonly trial: TrialOf | undefined;
  readonly tryEvery: number;
  readonly time: VirtualTime;
  readonly now: () => number;
  readonly watch: (happening: Happening) => void;
}

export class Teller {
  readonly #options: TellerOptions;
  readonly rounds: (RoundReleased | RoundEndedWithout)[] = [];
  /** What members put out for people: refusals in their own words, evidence. */
  readonly notes: { readonly member: string; readonly text: string }[] = [];
  ended: Ended | undefined;
  /** What was published last, wherever it is known. */
  published: Published | undefined;
  #trainingSeconds = 0;
  #before = { up: 0, down: 0 };
  #roundBeganMs = 0;
  #epsilon: { readonly charges: number; readonly epsilon: number | null } = { charges: 0, epsilon: 0 };

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  began(): void {
    const { plan, planId, seed, rounds, members, examples, test, watch } = this.#options;
    const { privacy } = plan;
    watch({
      kind: 'began',
      run: plan.name,
      planId,
      seed,
      protection: plan.protection.kind,
      schedule: plan.exchange.schedule,
      rounds,
      participants: members.map(({ name }, place) => ({ name, examples: examples[place] ?? 0 })),
      testExamples: test?.count ?? 0,
      budget: privacy.kind === 'none' ? null : { epsilonAtMost: privacy.epsilonAtMost, delta: privacy.delta },
    });
  }

  trained(member: string, round: number, seconds: number): void {
    this.#trainingSeconds += seconds;
    this.#options.watch({ kind: 'trained', round, member, seconds });
  }

  heard(member: string, output: ParticipantOutput): void {
    if (output.kind === 'new model') {
      if (output.published.version > (this.published?.version ?? -1)) this.published = output.published;
    } else if (output.kind === 'note') this.notes.push({ member, text: output.text });
    else if (output.kind === 'evidence') this.notes.push({ member, text: `evidence: ${output.reason}` });
    else if (output.kind === 'run over' && output.why === null) {
      this.#options.watch({ kind: 'member is out', member, reason: output.text });
    }
  }

  /** An event is on the server's disk. */
  happened(event: RunEvent): void {
    const { watch, time } = this.#options;
    switch (event.kind) {
      case 'round opened':
        this.#roundBeganMs = time.nowMs;
        watch({ kind: 'round began', round: event.round, members: event.members, virtualMs: time.nowMs });
        watch({ kind: 'phase began', round: event.round, phase: event.phase });
        break;
      case 'phase closed':
        watch({ kind: 'phase began', round: event.round, phase: event.next });
        break;
      case 'frame taken':
        watch({ kind: 'answered', round: event.round, member: event.cause.member });
        break;
      case 'member sat out':
        watch({
          kind: 'member is out',
          member: event.cause.member,
          reason: event.reasons[0]?.text ?? 'no reason',
        });
        break;
      case 'plan declined':
        watch({
          kind: 'member is out',
          member: event.cause.member,
          reason: event.reasons[0]?.text ?? 'no reason',
        });
        break;
      case 'member left':
        watch({ kind: 'member is out', member: event.member, reason: event.reason });
        break;
      case 'released':
        this.#released(event);
        break;
      case 'round failed': {
        const { round, code, reason } = event;
        this.#tell({ kind: 'round failed', round, code, reason, ...this.#cost(0) });
        break;
      }
      case 'run ended':
        this.ended = { kind: 'ended', why: event.why, text: event.text };
        watch(this.ended);
        break;
      default:
        break;
    }
  }

  #tell(round: RoundReleased | RoundEndedWithout): void {
    this.rounds.push(round);
    this.#options.watch(round);
  }

  #released({ round, version, contributors }: Extract<RunEvent, { kind: 'released' }>): void {
    const { server, tryEvery, rounds, now } = this.#options;
    const published = server.coordinator?.published;
    if (published !== undefined) this.published = published;
    const began = now();
    const isDue = version % tryEvery === 0 || version >= rounds;
    const trial = isDue ? this.lastTrial() : { accuracy: null, loss: null };
    this.#tell({
      kind: 'round released',
      round,
      version,
      contributors: contributors.length,
      ...trial,
      epsilon: this.#spent(),
      ...this.#cost((now() - began) / 1000),
    });
  }

  /** What was published last, on the test examples. */
  lastTrial(): Trial {
    const { trial } = this.#options;
    const { published } = this;
    return trial === undefined || published === undefined ? { accuracy: null, loss: null } : trial(published);
  }

  /** What the most charged member has paid. Rounds that failed are charged as well: their sums may be known to somebody. */
  #spent(): number | null {
    const { plan, members } = this.#options;
    if (plan.privacy.kind === 'none') return null;
    const charges = Math.max(
      ...members.map(({ state }) =>
        (state?.ledger.records ?? []).reduce(
          (sum, { content }) => sum + (content.kind === 'charged' ? content.count : 0),
          0,
        ),
      ),
    );
    if (charges !== this.#epsilon.charges) {
      const answer = epsilonAfter(plan, charges);
      this.#epsilon = { charges, epsilon: answer?.kind === 'bound' ? answer.epsilon : null };
    }
    return this.#epsilon.epsilon;
  }

  #cost(evaluating: number): RoundCost {
    const { network, server, members, time } = this.#options;
    const { up, down } = network.traffic;
    const cost: RoundCost = {
      bytesUp: up.bytes - this.#before.up,
      bytesDown: down.bytes - this.#before.down,
      seconds: {
        training: this.#trainingSeconds,
        protecting: members.reduce((sum, member) => sum + member.takeComputedMs(), 0) / 1000,
        server: server.takeComputedMs() / 1000,
        evaluating,
      },
      virtualSeconds: (time.nowMs - this.#roundBeganMs) / 1000,
    };
    this.#before = { up: up.bytes, down: down.bytes };
    this.#trainingSeconds = 0;
    return cost;
  }
}
