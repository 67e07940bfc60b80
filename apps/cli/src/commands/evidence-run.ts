// One document of evidence as the command makes it: the log from a file or from the run's server, what stands beside it, two files out. Of a
// run at a server the digest is kept in the owner's folder: the next time, what was there then has to be there still.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type Evidence,
  evidenceOf,
  readAttackReport,
  readBenchReport,
  readStatements,
  readTestReport,
} from '@sumus/evidence/document';
import { examineLog, type LogHead, type LogToExamine, type MemberLedger } from '@sumus/evidence/log';
import { evidencePage } from '@sumus/evidence/page';
import { nodePrimitives } from '@sumus/platform/node';
import { Problem } from '@sumus/wire/problem';
import { BadNews, UsageError } from '../command.ts';
import { digestPath, keptLog, logPath } from '../network/kept-log.ts';
import { OwnerDoor } from '../network/owner-door.ts';
import { openOwnerFolder, usualOwnerFolder } from '../network/owner-folder.ts';
import { runRecord } from '../network/run-record.ts';
import { printColumns, printJson } from '../print.ts';
import { readText } from './text-file.ts';

export interface EvidenceOptions {
  readonly out?: string;
  readonly keys?: string;
  readonly ledger?: readonly string[];
  readonly tests?: string;
  readonly bench?: readonly string[];
  readonly attack?: readonly string[];
  readonly statements?: string;
  readonly owner?: string;
  readonly coordinator?: string;
  readonly size?: string;
  readonly head?: string;
  readonly commit?: string;
  readonly json?: true;
}

/** The log, and what is known of it from elsewhere. */
interface FoundLog extends Pick<LogToExamine, 'text' | 'owner' | 'coordinator' | 'known'> {
  /** Where its digest is kept for the next time. */
  readonly keepAt: string | undefined;
  readonly name: string;
  readonly from: 'file' | 'server' | 'kept';
}

export async function writeEvidence(run: string, options: EvidenceOptions): Promise<void> {
  const given = knownFrom(options);
  const log = existsSync(run) && statSync(run).isFile() ? logInFile(run) : await logAtServer(run, options);
  const out = options.out ?? `evidence-${log.name}`;
  const paths = { html: join(out, 'evidence.html'), json: join(out, 'evidence.json') };
  for (const path of Object.values(paths)) {
    if (existsSync(path)) throw new UsageError(`${path} is there already; choose another folder with --out`);
  }
  const examined = await examineLog(nodePrimitives(), {
    text: log.text,
    owner: options.owner ?? log.owner,
    coordinator: options.coordinator ?? log.coordinator,
    known: given ?? log.known,
    ledgers: (options.ledger ?? []).map(ledgerFrom),
  });
  const evidence = evidenceOf({
    examined,
    madeAtMs: Date.now(),
    software: { name: 'sumus', version: version(), commit: options.commit ?? null, runtime: `Node ${process.version}` },
    statements: options.statements === undefined ? undefined : readStatements(readText(options.statements)),
    tests: options.tests === undefined ? undefined : withHash(options.tests, readTestReport),
    attacks: (options.attack ?? []).map((path) => withHash(path, readAttackReport)),
    benches: (options.bench ?? []).map((path) => withHash(path, (text, hash) => readBenchReport(lastLine(text), hash))),
  });
  mkdirSync(out, { recursive: true });
  writeFileSync(paths.html, evidencePage(evidence), { flag: 'wx' });
  writeFileSync(paths.json, `${JSON.stringify(evidence, null, 2)}\n`, { flag: 'wx' });
  if (log.keepAt !== undefined && evidence.log.isIntact) {
    writeFileSync(log.keepAt, `${JSON.stringify(examined.digest)}\n`, { mode: 0o600 });
  }
  if (log.from === 'kept' && !options.json) {
    process.stdout.write(`The server does not answer: this is the log as it was kept here when the run ended.\n`);
  }
  tell(evidence, { ...paths, from: log.from }, options.json === true);
  if (!evidence.log.isIntact) throw new BadNews('something is wrong with the log, or with what stands beside it');
}

interface Written {
  readonly html: string;
  readonly json: string;
  readonly from: FoundLog['from'];
}

function tell(evidence: Evidence, { from, ...paths }: Written, isJson: boolean): void {
  const { run, counts, log, artefacts } = evidence;
  if (isJson) {
    printJson({
      run,
      from,
      files: paths,
      counts,
      log,
      artefacts: artefacts.map(({ number, title, status }) => ({ number, title, status })),
    });
    return;
  }
  for (const { at, code, what } of log.findings) {
    // A log names what it likes: signs that would move a terminal's cursor are shown, not obeyed.
    const said = what.replaceAll(/\p{Cc}/gu, '·');
    process.stdout.write(`WRONG  ${code}${at === null ? '' : `, event ${at}`}: ${said}\n`);
  }
  printColumns(artefacts.map(({ number, title, status }) => [String(number).padStart(2), title, status]));
  process.stdout.write(`\n${log.events} events, digest ${log.head}\n${paths.html}\n${paths.json}\n`);
}

const logInFile = (path: string): FoundLog => ({
  text: readText(path),
  from: 'file',
  name: basename(path).replace(/\.(jsonl|ndjson|log|txt)$/, ''),
  owner: undefined,
  coordinator: undefined,
  known: undefined,
  keepAt: undefined,
});

async function logAtServer(run: string, { keys }: EvidenceOptions): Promise<FoundLog> {
  const folder = keys ?? usualOwnerFolder();
  const record = runRecord(folder, run);
  const keepAt = digestPath(folder, run);
  const found = {
    name: run,
    owner: record.plan.signedBy,
    coordinator: record.server.coordinator,
    known: existsSync(keepAt) ? keptHead(keepAt) : undefined,
    keepAt,
  };
  const { owner } = await openOwnerFolder(folder);
  const door = new OwnerDoor(record.server, owner);
  try {
    const bytes = await door.bytes('events', { parameters: { run }, query: { format: 'ndjson' } });
    return { ...found, text: Buffer.from(bytes).toString('utf8'), from: 'server' };
  } catch (error) {
    // Who answers and refuses is not gone.
    const text = error instanceof Problem ? undefined : keptLog(logPath(folder, run));
    if (text === undefined) throw error;
    return { ...found, text, from: 'kept' };
  } finally {
    door.close();
  }
}

function keptHead(path: string): LogHead {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const { size, head } = Object(value);
  if (typeof size !== 'number' || typeof head !== 'string') throw new UsageError(`${path} is no digest of a log`);
  return { size, head };
}

function knownFrom({ size, head, owner, coordinator }: EvidenceOptions): LogHead | undefined {
  for (const [name, key] of Object.entries({ owner, coordinator, head })) {
    if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) throw new UsageError(`--${name} is 64 hexadecimal digits`);
  }
  if ((size === undefined) !== (head === undefined)) throw new UsageError('--size and --head belong together');
  if (size === undefined || head === undefined) return undefined;
  if (!/^\d{1,15}$/.test(size)) throw new UsageError('--size is a whole number');
  return { size: Number(size), head };
}

function ledgerFrom(text: string): MemberLedger {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--ledger ${text}: write NAME=FILE, the name being the participant's in the run`);
  return { member: text.slice(0, at), text: readText(text.slice(at + 1)) };
}

function withHash<Read>(path: string, read: (text: string, sha256: string) => Read): Read {
  const text = readText(path);
  return read(text, createHash('sha256').update(text).digest('hex'));
}

/** A bench says other things before its report. */
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { version: found } = Object(manifest);
  if (typeof found !== 'string') throw new Error('package.json of the sumus command has no version');
  return found;
}
