// sumus plan check FILE: all that is wrong with a plan, or what it means; whose signature it bears, and what a policy says to it.
import { type Explanation, explain, explanationText } from '@sumus/federation/explain';
import { readLedgerText, type VerifiedLedger, verifyLedger } from '@sumus/federation/ledger';
import { architectureOf } from '@sumus/federation/model';
import {
  type PlanFile,
  planId,
  problemLines,
  readPlanFile,
  type VerifiedPlan,
  verifyPlan,
} from '@sumus/federation/plan';
import { checkPolicy, historyOf, type Judgement, judge, type Policy } from '@sumus/federation/policy';
import { nodePrimitives } from '@sumus/platform/node';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { readText } from './text-file.ts';

export interface PlanCheckOptions {
  readonly key?: string;
  readonly policy?: string;
  readonly dataset?: string;
  readonly ledger?: string;
  readonly json?: true;
}

interface Findings {
  readonly file: PlanFile;
  readonly id: string;
  /** Undefined: not signed. */
  readonly signedBy: string | undefined;
  /** Undefined: no key was given to check the signature with. */
  readonly isVerified: boolean | undefined;
  readonly explanation: Explanation;
  readonly judgement: Judgement | undefined;
}

export async function checkPlanFile(path: string, options: PlanCheckOptions): Promise<void> {
  if (options.key !== undefined && !/^[0-9a-f]{64}$/.test(options.key)) {
    throw new UsageError('--key is an Ed25519 public key: 64 hexadecimal digits');
  }
  const read = readPlanFile(readText(path));
  const problems = read.kind === 'invalid' ? problemLines(read.problems) : libraryProblems(read.file);
  if (read.kind === 'invalid' || problems.length > 0) {
    if (options.json) printJson({ valid: false, problems });
    else for (const line of problems) process.stdout.write(`${line}\n`);
    throw new BadNews('the plan cannot be run');
  }
  const findings = await findingsOf(read.file, options);
  if (options.json) printFindings(findings);
  else tellFindings(findings);
  if (findings.isVerified === false || findings.judgement?.kind === 'refused') throw new BadNews('refused');
}

/** What only those can say who will do it: learning of the architecture, secure-sum of keys and ciphertexts. */
function libraryProblems({ plan }: PlanFile): readonly string[] {
  try {
    architectureOf(plan);
    explain(plan);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function findingsOf(file: PlanFile, options: PlanCheckOptions): Promise<Findings> {
  const { key } = options;
  const primitives = nodePrimitives();
  const signedBy = file.signed?.signedBy;
  let verified: VerifiedPlan | undefined;
  if (key !== undefined && file.signed !== undefined) {
    try {
      verified = await verifyPlan(primitives, file.signed, Uint8Array.from(Buffer.from(key, 'hex')));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ProtocolViolation')) throw error;
    }
  }
  return {
    file,
    id: planId(primitives, file.plan),
    signedBy,
    isVerified: key === undefined ? undefined : verified !== undefined,
    explanation: explain(file.plan),
    judgement: await judged(file, options, verified),
  };
}

async function judged(
  file: PlanFile,
  options: PlanCheckOptions,
  signed: VerifiedPlan | undefined,
): Promise<Judgement | undefined> {
  const { policy, dataset, ledger } = options;
  if (policy === undefined) {
    if (dataset !== undefined || ledger !== undefined) throw new UsageError('--dataset and --ledger are for --policy');
    return undefined;
  }
  if (dataset === undefined) throw new UsageError('--policy needs --dataset NAME: budgets are those of a data set');
  const now = { dataset, nowMs: Date.now(), signed };
  const history =
    ledger === undefined
      ? { ...now, charges: [], bytesUp: 0, roundsToday: 0 }
      : historyOf(await verifiedLedger(ledger), now);
  return judge(readPolicy(policy), file.plan, history);
}

/** A damaged ledger would make the past look cheaper than it was: nothing is judged by one. */
async function verifiedLedger(path: string): Promise<VerifiedLedger> {
  const records = readLedgerText(readText(path));
  const verdict = await verifyLedger(nodePrimitives(), records[0]?.owner ?? '0'.repeat(64), records);
  if (verdict.kind === 'intact') return verdict.ledger;
  throw new Error(`${path} is damaged: ${verdict.findings[0]?.what}; see sumus ledger verify ${path}`);
}

function readPolicy(path: string): Policy {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} is no JSON`, { cause: error });
  }
  const check = checkPolicy(value);
  if (check.kind === 'valid') return check.value;
  throw new UsageError(`${path} is no policy:\n${problemLines(check.problems).join('\n')}`);
}

function printFindings({ id, signedBy, isVerified, explanation, judgement }: Findings): void {
  printJson({
    valid: true,
    id,
    signedBy: signedBy ?? null,
    verified: isVerified ?? null,
    ...explanation,
    ...(judgement === undefined ? {} : { judgement }),
  });
}

function tellFindings({ file, id, signedBy, isVerified, explanation, judgement }: Findings): void {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`${file.plan.name}: ${file.plan.purpose}`);
  say(`plan ${id}`);
  if (signedBy === undefined) say(isVerified === false ? 'NOT SIGNED, and --key demands a signature' : 'not signed');
  else if (isVerified === undefined) say(`says that it is signed by ${signedBy}; check it with --key`);
  else say(isVerified ? `signed by ${signedBy}` : `NOT signed by that key; it says ${signedBy}`);
  say('');
  say(explanationText(explanation));
  if (judgement === undefined) return;
  say('');
  if (judgement.kind === 'accepted') say('The policy accepts it.');
  else {
    say('The policy refuses it');
    for (const { toParticipant, code } of judgement.refusals) say(`  ${toParticipant} [${code}]`);
  }
}
