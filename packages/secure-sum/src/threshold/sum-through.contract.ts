// Test material: one sum through coordinator and members, all machines in one process; storage and messages can be tampered with.

import type { Output } from '../machine/outputs.ts';
import { decodeBundle } from './bundle.ts';
import {
  type CoordinatedSum,
  type SumCoordinatorSetting,
  type SumCoordinatorState,
  startSumCoordinator,
  stepSumCoordinator,
} from './coordinator-sum.ts';
import { type MemberStep, stepMemberBy } from './member.ts';
import { MEMBER_RULES, type MemberRules } from './member-rules.ts';
import type { MemberEvent, MemberState, ServingSetting } from './member-state.ts';
import {
  contributionOf,
  type Founded,
  roundAt,
  type Sent,
  sendsOf,
  sumSetting,
  valuesOfSilo,
} from './threshold-world.contract.ts';

export interface SumRun {
  readonly round: number;
  /** Places in the list of silos. */
  readonly contributors: readonly number[];
  /** Numbers. */
  readonly activeSet: readonly number[];
  /** What is presented besides, as it is. */
  readonly alsoContributed?: readonly Uint8Array[];
  readonly rules?: MemberRules;
  /** Called after every step: may store and restore. */
  readonly stored?: (state: MemberState, member: ServingSetting) => MemberState;
  readonly storedSum?: (state: SumCoordinatorState, setting: SumCoordinatorSetting) => Promise<SumCoordinatorState>;
  /** Members who do not answer to messages of this type. */
  readonly deaf?: (type: string, number: number) => boolean;
}

export interface SumOutcome {
  readonly result: CoordinatedSum | undefined;
  readonly aborted: Extract<Output<never>, { readonly kind: 'abort' }> | undefined;
  readonly hub: SumCoordinatorState;
  readonly states: readonly MemberState[];
  /** Everything that went through the coordinator. */
  readonly seen: readonly Sent[];
  /** What members put out besides messages. */
  readonly others: readonly Output<unknown>[];
}

export async function sumThrough(founded: Founded, states: readonly MemberState[], run: SumRun): Promise<SumOutcome> {
  const { trust, serving, epoch } = founded;
  const round = roundAt(founded, run.round);
  const setting = sumSetting(founded, round);
  // As if restored from storage: runs that begin alike may begin at one state.
  const current: MemberState[] = states.map((state) => ({ ...state }));
  const seen: Sent[] = [];
  const others: Output<unknown>[] = [];
  const requests = new Map<number, MemberEvent>();
  let hub: SumCoordinatorState = startSumCoordinator();
  let result: CoordinatedSum | undefined;
  let aborted: SumOutcome['aborted'];
  const pending: Output<CoordinatedSum>[] = [];
  const advance = async (event: Parameters<typeof stepSumCoordinator>[2]): Promise<void> => {
    const next = await stepSumCoordinator(setting, hub, event);
    hub = run.storedSum === undefined ? next.state : await run.storedSum(next.state, setting);
    pending.push(...next.outputs);
  };
  const { rules = MEMBER_RULES } = run;
  const take = async (index: number, event: MemberEvent): Promise<MemberStep> => {
    const answer = await stepMemberBy(rules, serving[index]!, current[index]!, event);
    current[index] = run.stored === undefined ? answer.state : run.stored(answer.state, serving[index]!);
    return answer;
  };
  const contributions = [...(run.alsoContributed ?? [])];
  for (const index of run.contributors) {
    contributions.push(await contributionOf(founded, index, round, valuesOfSilo(founded, index)));
  }
  for (const bytes of contributions) await advance({ kind: 'contribution', bytes, trust });
  await advance({ kind: 'close', activeSet: run.activeSet });
  for (let output = pending.shift(); output !== undefined; output = pending.shift()) {
    if (output.kind === 'done') result = output.result;
    if (output.kind === 'abort') aborted = output;
    if (output.kind !== 'send' || output.to.kind !== 'member') continue;
    const { type, bytes, to } = output;
    const index = epoch.circle.members.findIndex(({ memberId }) => memberId === to.memberId);
    if (run.deaf?.(type, epoch.circle.members[index]!.number) === true) continue;
    if (type === 'threshold/request') requests.set(index, { kind: 'request', round, bytes, trust });
    // Whoever was restored in between is asked again.
    else if (run.stored !== undefined && requests.has(index)) {
      const again = await stepMemberBy(rules, serving[index]!, current[index]!, requests.get(index)!);
      current[index] = again.state;
    }
    const event: MemberEvent =
      type === 'threshold/request'
        ? requests.get(index)!
        : type === 'threshold/certified-set'
          ? { kind: 'certificate', messages: decodeBundle(bytes, 1)[0]!, trust }
          : { kind: 'answers', messages: decodeBundle(bytes, 1)[0]! };
    const answer = await take(index, event);
    others.push(...answer.outputs.filter(({ kind }) => kind !== 'send'));
    for (const sent of sendsOf(answer.outputs)) {
      seen.push(sent);
      if (sent.to.kind === 'coordinator' && hub.phase !== 'opened' && hub.phase !== 'given up')
        await advance({ kind: 'message', bytes: sent.bytes });
    }
  }
  return { result, aborted, hub, states: current, seen, others };
}
