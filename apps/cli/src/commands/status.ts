// sumus status: where the owner's runs stand, as their servers say it.
import type { RunStatus } from '@sumus/wire/bodies';
import type { Command } from 'commander';
import { BadNews, type SumusCommand } from '../command.ts';
import { type OpenRun, openRun } from '../network/own-run.ts';
import { openOwnerFolder, usualOwnerFolder } from '../network/owner-folder.ts';
import { runNames, runRecord } from '../network/run-record.ts';
import { printJson } from '../print.ts';
import { printVisible } from './data-terminal.ts';

export interface StatusOptions {
  readonly keys?: string;
  readonly json?: true;
}

export const status: SumusCommand = {
  declare(program: Command): void {
    program
      .command('status')
      .description('where your runs stand: members, rounds, how they ended')
      .argument('[run]', 'one of them, with its members (default: all that were started with your keys)')
      .option('--keys <folder>', 'where your keys are (default: SUMUS_HOME/owner, or ~/.sumus/owner)')
      .option('--json', 'one JSON object on one line')
      .addHelpText('after', '\nExample:\n  sumus status digits-1\n')
      .action((run: string | undefined, options: StatusOptions) => showStatus(run, options));
  },
};

type Found = { readonly run: string; readonly server: string } & (
  | { readonly status: RunStatus; readonly trouble: null }
  | { readonly status: null; readonly trouble: string }
);

async function showStatus(only: string | undefined, options: StatusOptions): Promise<void> {
  const owner = await openOwnerFolder(options.keys ?? usualOwnerFolder());
  const names = only === undefined ? runNames(owner.folder) : [only];
  const found: Found[] = [];
  for (const name of names) {
    const opened = openRun(owner, runRecord(owner.folder, name));
    found.push(await askOf(opened));
    opened.close();
  }
  if (options.json) printJson({ runs: found });
  else if (found.length === 0) process.stdout.write('No run was started with these keys: sumus start PLAN\n');
  else if (only === undefined) printVisible([HEAD, ...found.map(rowOf)]);
  else for (const one of found) tellOne(one);
  if (found.some(({ trouble }) => trouble !== null)) throw new BadNews('a server did not answer');
}

async function askOf({ run }: OpenRun): Promise<Found> {
  const { runId, server } = run.record;
  try {
    return { run: runId, server: server.url, status: await run.status(), trouble: null };
  } catch (error) {
    // What a server says, and that it says nothing, is the finding.
    return {
      run: runId,
      server: server.url,
      status: null,
      trouble: error instanceof Error ? error.message : String(error),
    };
  }
}

const HEAD = ['run', 'phase', 'round', 'sums', 'members', 'server'] as const;

function rowOf({ run, server, status: found, trouble }: Found): readonly string[] {
  if (found === null) return [run, trouble ?? '', '', '', '', server];
  const { phase, isPaused, round, version, roundsAtMost, members, ended } = found;
  const taking = members.filter(({ standing }) => standing === 'accepted').length;
  const where = ended === null ? (isPaused ? `${phase}, paused` : phase) : ended.why;
  return [run, where, round === null ? '-' : String(round), `${version} of ${roundsAtMost}`, String(taking), server];
}

function tellOne(found: Found): void {
  printVisible([HEAD, rowOf(found)]);
  if (found.status === null) return;
  const { members, sumPhase, plan, ended } = found.status;
  process.stdout.write('\n');
  printVisible([
    ['plan', plan],
    ...(sumPhase === null ? [] : [['awaited', sumPhase]]),
    ...(ended === null ? [] : [['end', ended.text]]),
    ...members.map(({ name, standing, isListening }) => [
      'member',
      name,
      standing,
      isListening ? 'listens' : 'is not heard at this moment',
    ]),
  ]);
}
