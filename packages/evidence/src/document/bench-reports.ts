// Reports of benches (bench/src/report.ts is their contract): measured numbers beside what they should be. A smoke run measured nothing and
// shows nothing.

import { MalformedMessage } from '@sumus/federation/errors';
import type { Exhibit } from './fact.ts';

/** Which artefacts a bench speaks for. */
const SPEAKS_FOR: ReadonlyMap<string, readonly number[]> = new Map([
  ['attacks', [11]],
  ['accounting', [7]],
  ['dssgd', [13]],
  ['one-round', [13]],
  ['private-linear', [13]],
  ['simulation', [5, 15]],
  ['server', [15]],
]);

export interface BenchReportRead {
  readonly bench: string;
  /** SHA-256 of the report, hexadecimal. */
  readonly sha256: string;
  readonly machine: string;
  readonly smoke: boolean;
  readonly targets: readonly {
    readonly name: string;
    readonly target: string;
    readonly measured: number | null;
    readonly unit: string;
    readonly holds: boolean;
    readonly reason: string;
  }[];
}

export function readBenchReport(text: string, sha256: string): BenchReportRead {
  const refuse = (why: string): never => {
    throw new MalformedMessage(`no report of a bench: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedMessage('a report of a bench is JSON, and this is not', { cause });
  }
  const parts = membersOf(value);
  const [bench, targets, smoke] = [parts.get('bench'), parts.get('targets'), parts.get('smoke')];
  if (typeof bench !== 'string' || typeof smoke !== 'boolean' || !Array.isArray(targets)) {
    return refuse('it has no bench, targets or smoke; make one with npm run bench -- NAME --json');
  }
  const list: readonly unknown[] = targets;
  return {
    bench,
    sha256,
    smoke,
    machine: `${parts.get('cpu') ?? 'a machine'}, ${parts.get('runtime') ?? 'a runtime'}`,
    targets: list.map((one) => {
      const row = membersOf(one);
      const [measured, holds] = [row.get('measured'), row.get('holds')];
      if (typeof holds !== 'boolean' || !(measured === null || typeof measured === 'number'))
        refuse('a target is none');
      const word = (name: string): string => String(row.get(name) ?? '');
      const number = typeof measured === 'number' ? measured : null;
      return {
        name: word('name'),
        target: word('target'),
        unit: word('unit'),
        reason: word('reason'),
        measured: number,
        holds: holds === true,
      };
    }),
  };
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

export function exhibitBenches(exhibit: Exhibit, artefact: number, reports: readonly BenchReportRead[]): boolean {
  const spoken = reports.filter(({ bench, smoke }) => !smoke && (SPEAKS_FOR.get(bench) ?? []).includes(artefact));
  let isShown = false;
  for (const { bench, sha256, targets, machine } of spoken) {
    const where = `bench ${bench}, report ${sha256.slice(0, 12)}, ${machine}`;
    for (const { name, target, measured, unit, holds, reason } of targets) {
      if (measured === null) {
        exhibit.missing(`bench ${bench}, ${name}: ${reason}`);
        continue;
      }
      isShown = true;
      const said = `${name}: ${Number(measured.toPrecision(4))} ${unit} (should be: ${target})`;
      exhibit.fact(said, { from: 'report', where }, holds);
    }
  }
  return isShown;
}
