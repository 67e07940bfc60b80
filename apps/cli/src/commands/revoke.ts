// sumus revoke: a member is no longer one. Its invitation is taken back, its certificate goes on the authority's list, and the run goes on
// without it.
import { nodePrimitives } from '@sumus/platform/node';
import { Problem } from '@sumus/wire/problem';
import type { Command } from 'commander';
import { BadNews, type SumusCommand } from '../command.ts';
import { InvitationBook } from '../network/invitation-book.ts';
import { openRun } from '../network/own-run.ts';
import { type OwnerFolder, openOwnerFolder, usualOwnerFolder } from '../network/owner-folder.ts';
import { markRevoked, revocationList } from '../network/revoke-member.ts';
import { bookPath, type RunRecord, runNames, runRecord } from '../network/run-record.ts';
import { printJson } from '../print.ts';
import { visible } from './data-terminal.ts';

export interface RevokeOptions {
  readonly reason: string;
  readonly keys?: string;
  readonly json?: true;
}

export const revokeCommand: SumusCommand = {
  declare(program: Command): void {
    program
      .command('revoke')
      .description('take a membership back: its certificate no longer holds, in every run of the project')
      .argument('<run>', 'a run that was started with your keys')
      .argument('<member>', 'the name under which it was invited')
      .option('--reason <text>', 'what the others are told', 'The owner revoked its certificate.')
      .option('--keys <folder>', 'where your keys are (default: SUMUS_HOME/owner, or ~/.sumus/owner)')
      .option('--json', 'one JSON object on one line')
      .addHelpText(
        'after',
        '\nWhat it contributed stays in sums that were opened. There is no way back: invite it anew, as another name.\n\nExample:\n  sumus revoke digits-1 basel --reason "The hospital left the project."\n',
      )
      .action((run: string, member: string, options: RevokeOptions) => revokeMember(run, member, options));
  },
};

async function revokeMember(runId: string, member: string, options: RevokeOptions): Promise<void> {
  const owner = await openOwnerFolder(options.keys ?? usualOwnerFolder());
  const { projectId } = runRecord(owner.folder, runId);
  markRevoked(InvitationBook.open(bookPath(owner.folder, runId)), member);
  const ofProject = runNames(owner.folder)
    .map((name) => runRecord(owner.folder, name))
    .filter((record) => record.projectId === projectId);
  const list = await revocationList({
    primitives: nodePrimitives(),
    authority: owner.authority,
    projectId,
    books: ofProject.map((record) => InvitationBook.open(bookPath(owner.folder, record.runId))),
    nowMs: Date.now(),
  });
  const told = [];
  for (const record of ofProject) {
    told.push({ run: record.runId, trouble: await tellServer(owner, record, list, { member, runId, ...options }) });
  }
  const isWhole = told.every(({ trouble }) => trouble === null);
  if (options.json) printJson({ member, hadCertificate: list !== undefined, told });
  else {
    process.stdout.write(`${member} is no member of ${runId} any more\n`);
    for (const { run, trouble } of told)
      process.stdout.write(`${run}: ${visible(trouble ?? 'its server has the list')}\n`);
  }
  if (!isWhole) throw new BadNews('a server has not heard of it: run this again');
}

/** Null, or what kept it from being told. */
async function tellServer(
  owner: OwnerFolder,
  record: RunRecord,
  list: string | undefined,
  { member, runId, reason }: RevokeOptions & { readonly member: string; readonly runId: string },
): Promise<string | null> {
  const opened = openRun(owner, record);
  try {
    if (list !== undefined) await opened.run.publishRevocations(list);
    if (record.runId === runId) await opened.run.remove(member, reason);
    return null;
  } catch (error) {
    // Who was never certified is not there to be removed.
    if (error instanceof Problem && error.code === 'not-found') return null;
    return error instanceof Error ? error.message : String(error);
  } finally {
    opened.close();
  }
}
