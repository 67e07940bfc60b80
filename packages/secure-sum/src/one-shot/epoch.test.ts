// An epoch: contributions at any time, several sums. What the committee refuses is in committee/member.attack.test.ts.

import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../seeded-members.contract.ts';
import { memberStep, startMember } from './committee/member.ts';
import type { MemberState } from './committee/member-state.ts';
import { contributorStep, startContributor } from './contributor/contributor.ts';
import type { ContributorState } from './contributor/contributor-state.ts';
import { type CollectorState, collectorStep, startCollector } from './coordinator/collector.ts';
import { type OpenerState, openerStep, startOpener } from './coordinator/opener.ts';
import type { OneShotResult } from './coordinator/result.ts';
import { sentTo } from './one-shot-driver.contract.ts';
import { sumOf, vectorOf, type World, world as worldOn } from './one-shot-world.contract.ts';
import { DELIVERY } from './round/kinds.ts';
import { firstModel, type ModelVersions, stalenessWeight, withModel } from './round/models.ts';

let w: World;
beforeAll(async () => {
  w = await worldOn(nodePrimitives(), await wasmEngine(), {
    contributors: 6,
    literal: { flushes: { contributions: 3, versionsOld: 1, contributionsEach: 2 } },
  });
});

/** Everybody's states over a whole epoch. */
class Epoch {
  collector: CollectorState = startCollector(w.coordinator);
  models: ModelVersions = firstModel(w.context);
  readonly contributors = new Map<number, ContributorState>();
  readonly members = new Map<number, MemberState>();

  async contribute(index: number, version: number, values = vectorOf(w, index)): Promise<void> {
    const contributor = w.contributors[index]!;
    let state = this.contributors.get(index) ?? (await startContributor(contributor, w.start())).state;
    if (state.phase === 'sent') ({ state } = await contributorStep(contributor, state, { kind: 'received' }));
    const hash = Uint8Array.from({ length: 32 }, (_, i) =>
      Number.parseInt(this.models.hashes.get(version)!.slice(2 * i, 2 * i + 2), 16),
    );
    const made = await contributorStep(contributor, state, { kind: 'contribute', values, model: { version, hash } });
    this.contributors.set(index, made.state);
    const [bytes] = made.outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
    this.collector = (
      await collectorStep(w.coordinator, this.collector, { kind: 'contribution', bytes: bytes! })
    ).state;
  }

  async release(version: number): Promise<void> {
    const model = { version, hash: new Uint8Array(32).fill(70 + version) };
    this.models = withModel(this.models, model);
    this.collector = (await collectorStep(w.coordinator, this.collector, { kind: 'model', model })).state;
  }

  async open(): Promise<OneShotResult> {
    const opening = startOpener(w.coordinator, this.collector);
    this.collector = (await collectorStep(w.coordinator, this.collector, { kind: 'next flush' })).state;
    let opener: OpenerState = opening.state;
    let certificate: Uint8Array | undefined;
    for (const [i, member] of w.members.entries()) {
      const [request] = sentTo(opening.outputs, DELIVERY.close, member.memberId);
      const before = this.members.get(i) ?? startMember(member, w.start()).state;
      const made = await memberStep(member, before, { kind: 'close', request: request!, models: this.models });
      this.members.set(i, made.state);
      const [bytes] = made.outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
      const next = await openerStep(w.coordinator, opener, { kind: 'signature', bytes: bytes! });
      opener = next.state;
      certificate ??= sentTo(next.outputs, DELIVERY.certificate, member.memberId)[0];
    }
    for (const [i, member] of w.members.slice(0, 3).entries()) {
      const made = await memberStep(member, this.members.get(i)!, { kind: 'certificate', certificate: certificate! });
      const [bytes] = made.outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
      const next = await openerStep(w.coordinator, opener, { kind: 'answer', bytes: bytes! });
      opener = next.state;
      for (const output of next.outputs) if (output.kind === 'done') return output.result;
    }
    throw new Error('not opened');
  }
}

describe('an epoch', () => {
  it('opens flush after flush, each the exact sum of what came since the one before', async () => {
    const epoch = new Epoch();
    for (const index of [0, 1, 2]) await epoch.contribute(index, 0);
    expect(epoch.collector.phase).toBe('closed');
    expect((await epoch.open()).sum).toEqual(sumOf([0, 1, 2].map((i) => vectorOf(w, i))));
    await epoch.release(1);
    // One of the first flush again, and one on the version before.
    await epoch.contribute(0, 1, vectorOf(w, 9));
    await epoch.contribute(3, 0);
    await epoch.contribute(4, 1);
    const second = await epoch.open();
    expect(second.set.flush).toBe(1);
    expect(second.sum).toEqual(sumOf([vectorOf(w, 9), vectorOf(w, 3), vectorOf(w, 4)]));
    // A third contribution of one member is more than this epoch allows.
    expect(await codeOf(() => epoch.contribute(0, 1))).toBe('E_PHASE');
  });

  it('takes a member once in a flush, and models that are at most V versions old', async () => {
    const epoch = new Epoch();
    await epoch.contribute(0, 0);
    expect(await codeOf(() => epoch.contribute(0, 0))).toBe('E_DUPLICATE');
    await epoch.release(1);
    await epoch.contribute(1, 0);
    await epoch.release(2);
    expect(await codeOf(() => epoch.contribute(2, 0))).toBe('E_CTX');
    await epoch.contribute(3, 1);
    expect(epoch.collector.phase).toBe('closed');
    // A release between arrival and close spoils nothing, a second one makes the newest of the set too old.
    const opened = await epoch.open();
    expect(opened.set.contributions).toBe(3);
  });

  it('refuses in the committee a set whose newest model is too old, whatever the coordinator says', async () => {
    const epoch = new Epoch();
    for (const index of [0, 1, 2]) await epoch.contribute(index, 0);
    await epoch.release(1);
    await epoch.release(2);
    expect(await codeOf(() => epoch.open())).toBe('E_CTX');
  });

  it('waits when time is up with too few, and closes with enough', async () => {
    const epoch = new Epoch();
    await epoch.contribute(0, 0);
    const waited = await collectorStep(w.coordinator, epoch.collector, { kind: 'time is up' });
    expect(waited.state).toBe(epoch.collector);
    expect(waited.outputs).toEqual([]);
  });
});

describe('the weight of an old contribution', () => {
  it('is (1 + τ)^(−1/2), for the contributor to apply', () => {
    expect([0, 1, 3, 8].map(stalenessWeight)).toEqual([1, 1 / Math.SQRT2, 0.5, 1 / 3]);
    expect(() => stalenessWeight(-1)).toThrow();
  });
});
