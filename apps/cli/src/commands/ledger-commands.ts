// sumus ledger show|verify|export: each verifies first; a damaged ledger is said to be one, by record, with exit code 1. Spending is added
// up for an intact one only.
import { writeFileSync } from 'node:fs';
import {
  epsilonSpent,
  type Finding,
  type KnownHead,
  type LedgerContent,
  type LedgerRecord,
  type LedgerVerdict,
  readLedgerText,
  spentOf,
  verifyLedger,
} from '@sumus/federation/ledger';
import { nodePrimitives } from '@sumus/platform/node';
import { BadNews, UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { readText } from './text-file.ts';

export interface LedgerOptions {
  readonly owner?: string;
  readonly size?: string;
  readonly head?: string;
  readonly delta: string;
  readonly out?: string;
  readonly json?: true;
}

interface Opened {
  readonly records: readonly LedgerRecord[];
  readonly owner: string | null;
  readonly verdict: LedgerVerdict;
}

interface Spending {
  readonly dataset: string;
  readonly unit: string;
  readonly adjacency: string;
  readonly charges: number;
  /** Null where no bound is known. */
  readonly epsilon: number | null;
  readonly delta: number;
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

async function opened(path: string, options: LedgerOptions): Promise<Opened> {
  const { owner: given, size, head } = options;
  if (given !== undefined && !isHash(given)) throw new UsageError('--owner is 64 hexadecimal digits');
  if ((size === undefined) !== (head === undefined)) throw new UsageError('--size and --head belong together');
  if (head !== undefined && !isHash(head)) throw new UsageError('--head is 64 hexadecimal digits');
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw new UsageError('--size is a whole number');
  const records = readLedgerText(readText(path));
  const owner = given ?? records[0]?.owner ?? null;
  const known: KnownHead | undefined = head === undefined ? undefined : { size: Number(size), head };
  const verdict = await verifyLedger(nodePrimitives(), owner ?? '0'.repeat(64), records, known);
  return { records, owner, verdict };
}

function spendingOf(verdict: LedgerVerdict, { delta: text }: LedgerOptions): readonly Spending[] {
  const delta = Number(text);
  if (!(delta > 0 && delta < 1)) throw new UsageError(`--delta ${text} is not between 0 and 1`);
  if (verdict.kind !== 'intact') return [];
  return spentOf(verdict.ledger).map((spent) => {
    const answer = epsilonSpent(spent, delta);
    const { dataset, unit, adjacency, charges } = spent;
    return {
      dataset,
      unit,
      adjacency,
      charges: charges.length,
      epsilon: answer.kind === 'bound' ? answer.epsilon : null,
      delta,
    };
  });
}

const findingsOf = (verdict: LedgerVerdict): readonly Finding[] => (verdict.kind === 'intact' ? [] : verdict.findings);

function ending({ verdict }: Opened): void {
  if (verdict.kind === 'damaged') throw new BadNews('the ledger is damaged');
}

function tellVerdict({ verdict, records, owner }: Opened, options: LedgerOptions): void {
  if (verdict.kind === 'damaged') {
    for (const { damage, what } of verdict.findings) process.stdout.write(`${damage}: ${what}\n`);
    return;
  }
  process.stdout.write(`intact: ${records.length} records, head ${verdict.ledger.head}\n`);
  if (options.owner === undefined && owner !== null) {
    process.stdout.write(
      `owner ${owner}, taken from the ledger itself: hold it against the key that you know, with --owner\n`,
    );
  }
}

export async function verifyLedgerFile(path: string, options: LedgerOptions): Promise<void> {
  const ledger = await opened(path, options);
  const { verdict, records, owner } = ledger;
  if (options.json) {
    const head = verdict.kind === 'intact' ? verdict.ledger.head : null;
    printJson({
      intact: verdict.kind === 'intact',
      owner,
      records: records.length,
      head,
      findings: findingsOf(verdict),
    });
  } else tellVerdict(ledger, options);
  ending(ledger);
}

export async function showLedger(path: string, options: LedgerOptions): Promise<void> {
  const ledger = await opened(path, options);
  const { verdict, records, owner } = ledger;
  const spending = spendingOf(verdict, options);
  if (options.json) {
    printJson({ intact: verdict.kind === 'intact', owner, findings: findingsOf(verdict), spending, records });
  } else {
    const damaged = new Set(findingsOf(verdict).map(({ index }) => index));
    printColumns(
      records.map(({ index, atMs, content }) => [
        damaged.has(index) ? `! ${index}` : `  ${index}`,
        new Date(Math.min(atMs, 8.64e15)).toISOString(),
        content.kind,
        detailOf(content),
      ]),
    );
    tellVerdict(ledger, options);
    for (const { dataset, unit, adjacency, charges, epsilon, delta } of spending) {
      const said = epsilon === null ? 'no bound is known' : `ε ≤ ${upwards(epsilon)} at δ = ${delta}`;
      process.stdout.write(`${dataset}: ${said} for a ${unit} (${adjacency}), ${charges} charges\n`);
    }
  }
  ending(ledger);
}

export async function exportLedger(path: string, options: LedgerOptions): Promise<void> {
  const ledger = await opened(path, options);
  const { verdict, records, owner } = ledger;
  const document = {
    format: 'sumus/ledger-export/1',
    owner,
    ownerWasGiven: options.owner !== undefined,
    intact: verdict.kind === 'intact',
    size: records.length,
    head: verdict.kind === 'intact' ? verdict.ledger.head : null,
    findings: findingsOf(verdict),
    spending: spendingOf(verdict, options),
    records,
  };
  const text = `${JSON.stringify(document, null, options.json ? 0 : 2)}\n`;
  if (options.out === undefined) process.stdout.write(text);
  else {
    try {
      writeFileSync(options.out, text, { flag: 'wx' });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(`${options.out} cannot be written: ${why}`, { cause: error });
    }
    process.stdout.write(`${options.out}: ${records.length} records, ${verdict.kind}\n`);
  }
  ending(ledger);
}

/** Six digits, rounded up: an ε that is said is never below the computed one. */
function upwards(epsilon: number): string {
  const nearest = Number(epsilon.toPrecision(6));
  return String(nearest >= epsilon ? nearest : Number((nearest * (1 + 1e-5)).toPrecision(6)));
}

const short = (hash: string): string => hash.slice(0, 12);

function detailOf(content: LedgerContent): string {
  const where = `plan ${short(content.plan)}${'round' in content && content.round !== null ? ` round ${content.round}` : ''}`;
  switch (content.kind) {
    case 'plan accepted':
      return `${where}, signed by ${short(content.signedBy)}`;
    case 'left':
      return `${where}, ${content.what}: ${content.bytes} bytes of ${content.coordinates} coordinates under ${content.protection}, ${short(content.hash)}`;
    case 'charged':
      return `${where}, ${content.dataset}: ${content.count} × ${content.mechanism.kind}`;
    case 'sum published':
      return `${where}, ${content.contributors} contributors, ${short(content.result)}`;
    case 'refused':
      return `${where}, ${content.code}: ${content.reason}`;
    case 'receipt kept':
      return `${where}, contribution ${short(content.contribution)}`;
    default:
      return content satisfies never;
  }
}
