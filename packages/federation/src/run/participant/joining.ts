// How a participant becomes a member: the plan is checked and held against its own file, the other members are checked one by one, and what
// nobody chose is drawn with them. All of it is public but its own value, until that is revealed.

import { type Certificate, decodeCertificate, encodeCertificate, verifyCertificate } from '@sumus/secure-sum/identity';
import { freshSecretBytes } from '@sumus/secure-sum/secret-primitives';
import { bytesOfHex, hexOf } from '../../canonical/utf8.ts';
import { ProtocolViolation } from '../../errors.ts';
import { firstWeightsOf } from '../../model/model.ts';
import type { CheckedPlan } from '../../plan/check.ts';
import { type VerifiedPlan, verifyPlan } from '../../plan/identity.ts';
import { problemLines, readPlanFile, type SignedPlan } from '../../plan/plan-file.ts';
import { historyOf } from '../../policy/history-of-ledger.ts';
import { judge } from '../../policy/judge.ts';
import { policyId } from '../../policy/policy-identity.ts';
import { open as openly, type Refusal } from '../../policy/refusal.ts';
import { type Published, startPublished } from '../../release/published.ts';
import { publishedFromBytes, publishedHash } from '../../release/published-bytes.ts';
import { SUM_ROLES } from '../../sum/agreement.ts';
import { commitmentOf, drawOf } from '../draw.ts';
import { isSigned } from '../frame.ts';
import type { CatchUp, Committed, Drawn, Offer, Started } from '../messages.ts';
import { authorityOf } from '../round-terms.ts';
import { leaveSum } from './in-sum.ts';
import { type Own, ownWords, reasonsOf } from './own.ts';

export async function sayHello(own: Own): Promise<void> {
  if (own.state.standing !== 'outside') return own.ask();
  own.become({ standing: 'asking' });
  await own.say({ type: 'hello', certificate: hexOf(encodeCertificate(own.setup.certificate)) });
}

export async function takeOffer(own: Own, { projectId, runId, plan }: Offer): Promise<void> {
  const { setup, state } = own;
  if (state.standing !== 'asking') return;
  if (projectId !== setup.projectId || runId !== setup.runId) {
    throw new ProtocolViolation(
      `run ${runId} of ${projectId} is offered, and this invitation is for ${setup.runId} of ${setup.projectId}`,
    );
  }
  const read = readPlanFile(JSON.stringify(plan));
  if (read.kind === 'invalid' || read.file.signed === undefined) {
    const why = read.kind === 'invalid' ? problemLines(read.problems)[0] : 'it is not signed';
    throw new ProtocolViolation(`the plan that is offered cannot be run: ${why}`);
  }
  const { signed } = read.file;
  const verified = await verifiedFor(own, signed);
  const now = { dataset: setup.dataset, nowMs: own.nowMs, signed: verified };
  const judgement = judge(setup.policy, signed.plan, historyOf(await own.history(), now));
  if (judgement.kind === 'refused') return decline(own, signed.id, judgement.refusals);
  const first = firstOf(signed.plan);
  if ('code' in first) return decline(own, signed.id, [first]);
  if (verified === undefined) throw new ProtocolViolation('a plan was accepted that nobody trusted signed');
  await own.write({
    kind: 'plan accepted',
    plan: verified.id,
    signedBy: verified.signedBy,
    policy: policyId(setup.primitives, setup.policy),
  });
  own.become({ standing: 'accepted', signed: verified, published: first });
  await own.say({ type: 'accept' });
}

/** By a key of the own file; undefined otherwise, which the file then refuses. */
async function verifiedFor({ setup }: Own, signed: SignedPlan): Promise<VerifiedPlan | undefined> {
  if (!setup.policy.plansSignedBy.includes(signed.signedBy)) return undefined;
  return verifyPlan(setup.primitives, signed, bytesOfHex(signed.signedBy));
}

/** First weights by the seed, computed here: what the coordinator calls the first model is held against them. */
function firstOf(plan: CheckedPlan): Published | Refusal {
  try {
    return startPublished(plan, plan.exchange.schedule === 'one-round' ? undefined : firstWeightsOf(plan));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ParameterError')) throw error;
    return openly('layer-not-allowed', 'model.architecture', `The network cannot be built: ${error.message}`);
  }
}

async function decline(own: Own, plan: string, refusals: readonly Refusal[]): Promise<void> {
  const code = refusals[0]?.code ?? 'declined';
  await own.write({ kind: 'refused', plan, round: null, code, reason: ownWords(refusals) });
  own.note('This participant declines the plan.', refusals);
  own.become({ standing: 'declined' });
  await own.say({ type: 'decline', reasons: reasonsOf(refusals) });
}

export async function takeStarted(own: Own, { members }: Started): Promise<void> {
  const names = await checkedMembers(own, members);
  const value = hexOf(freshSecretBytes(own.setup.primitives, 32));
  await leaveSum(own);
  own.become({
    drawn: { certificates: members, members: names, value, commitments: undefined, draw: undefined },
    open: undefined,
    work: undefined,
    inFlight: undefined,
  });
  const commitment = commitmentOf(own.setup.primitives, own.setup.runId, own.name, value);
  await own.say({ type: 'commit', commitment });
}

export async function takeCommitted(own: Own, { commitments }: Committed): Promise<void> {
  const { drawn } = own.state;
  const { primitives, runId } = own.setup;
  if (drawn?.value === undefined || drawn.commitments !== undefined)
    throw new ProtocolViolation('nothing was to be committed to');
  const mine = commitments[drawn.members.indexOf(own.name)];
  if (commitments.length !== drawn.members.length || mine !== commitmentOf(primitives, runId, own.name, drawn.value)) {
    throw new ProtocolViolation('the list of commitments does not say what this participant committed to');
  }
  own.become({ drawn: { ...drawn, commitments } });
  await own.say({ type: 'reveal', value: drawn.value });
}

export function takeDrawn(own: Own, { values }: Drawn): void {
  const { drawn } = own.state;
  const { primitives, runId } = own.setup;
  if (drawn?.commitments === undefined || drawn.draw !== undefined)
    throw new ProtocolViolation('nothing was to be drawn');
  const { members, commitments } = drawn;
  const wrong = members.find((name, i) => commitmentOf(primitives, runId, name, values[i] ?? '') !== commitments[i]);
  if (wrong !== undefined || values.length !== members.length) {
    throw new ProtocolViolation(`what ${wrong ?? 'somebody'} is said to have revealed is not what it committed to`);
  }
  own.become({ drawn: { ...drawn, draw: drawOf(primitives, runId, members, values) } });
}

/** Everybody certified by the authority, each once, in order, this participant among them, and enough for its own file. */
async function checkedMembers(own: Own, certificates: readonly string[]): Promise<readonly string[]> {
  const { setup, plan, nowMs } = own;
  const { primitives, revocations, projectId } = setup;
  const trust = { authority: authorityOf(plan, setup.coordinator), projectId, nowMs, revocations };
  const names: string[] = [];
  for (const hex of certificates) {
    const certificate: Certificate = decodeCertificate(bytesOfHex(hex));
    await verifyCertificate(primitives, trust, certificate, SUM_ROLES);
    const last = names.at(-1);
    if (last !== undefined && certificate.memberId <= last) {
      throw new ProtocolViolation(`member ${certificate.memberId} stands behind ${last}: each is there once, in order`);
    }
    names.push(certificate.memberId);
  }
  const mine = certificates[names.indexOf(own.name)];
  if (mine !== hexOf(encodeCertificate(setup.certificate))) {
    throw new ProtocolViolation('the members are listed without this participant, or with another key for it');
  }
  const demanded = Math.max(setup.policy.minimumContributors, plan.contributors.minimum);
  if (names.length < demanded) {
    throw new ProtocolViolation(`${names.length} members, this participant demands ${demanded}`);
  }
  return names;
}

/**
 * For who was away. The draw is held against what its members committed to, and a model that this participant did not compute itself against
 * the signed reports of members who did: of more than may be corrupt. What falls short of that is not taken, and asked for again.
 */
export async function takeCatchUp(own: Own, message: CatchUp, body: Uint8Array): Promise<void> {
  const { state, setup, plan } = own;
  const { version, modelHash } = message;
  if (state.standing !== 'accepted' || !catchUpWithDraw(own, message)) return;
  const mine = state.published;
  if (mine !== undefined && mine.version >= version) return;
  if (body.length === 0) {
    return own.leave('It was away when sums were opened, and nobody else may open them for it.');
  }
  const published = publishedFromBytes(plan, body);
  if (published.version !== version || hexOf(publishedHash(setup.primitives, published)) !== modelHash) {
    throw new ProtocolViolation(`what is said to be model ${version} is another`);
  }
  const { members } = own.terms;
  const corrupt = Math.floor(setup.policy.corruptFraction * members.length);
  const vouching = await countVouching(own, message);
  if (vouching <= corrupt) {
    return own.note(
      `Model ${version} is vouched for by ${vouching} members, and ${corrupt} may be corrupt: not taken over.`,
    );
  }
  await leaveSum(own);
  own.become({ published, open: undefined, work: undefined });
  own.note(`This participant was away: it takes over model ${version}, as ${vouching} members came to it.`);
  await own.say({ type: 'report', version, modelHash });
}

/** Whoever is a member committed with the others, and has the list: values that do not fit it are of another draw, or nobody's. */
function catchUpWithDraw(own: Own, { members, values }: CatchUp): boolean {
  const { drawn } = own.state;
  const { primitives, runId } = own.setup;
  if (drawn?.commitments === undefined || members.join(' ') !== drawn.certificates.join(' ')) return false;
  const { members: names, commitments } = drawn;
  const isTheirs = names.every((name, i) => commitmentOf(primitives, runId, name, values[i] ?? '') === commitments[i]);
  if (!isTheirs || values.length !== names.length) return false;
  if (drawn.draw === undefined) own.become({ drawn: { ...drawn, draw: drawOf(primitives, runId, names, values) } });
  return true;
}

/** Other members of the draw, each once, that signed a report of this model. */
async function countVouching(own: Own, { version, modelHash, reports }: CatchUp): Promise<number> {
  const { primitives, runId } = own.setup;
  const { drawn } = own.state;
  const vouching = new Set<string>();
  for (const { member, number, signature } of reports) {
    const certificate = drawn?.certificates[drawn.members.indexOf(member)];
    if (certificate === undefined || member === own.name) continue;
    const header = {
      format: 'sumus/run/1',
      run: runId,
      from: member,
      number,
      message: { type: 'report', version, modelHash },
      body: null,
    } as const;
    const { publicKey } = decodeCertificate(bytesOfHex(certificate));
    if (await isSigned(primitives, header, bytesOfHex(signature), publicKey)) vouching.add(member);
  }
  return vouching.size;
}
