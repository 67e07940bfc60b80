// sumus invite: more invitations to a run, as links and QR codes; each makes one member, once. The command waits and answers, because nobody else
// can: the key that certifies is here, and a server has none.
import type { Command } from 'commander';
import { type SumusCommand, UsageError } from '../command.ts';
import { mayColour } from '../live-lines.ts';
import type { Invitation } from '../network/invitation-book.ts';
import { openKnownRun } from '../network/own-run.ts';
import type { OwnerRun } from '../network/owner-run.ts';
import { qrLines } from '../network/qr-code.ts';
import { untilStopped } from '../network/until-stopped.ts';
import { printJson } from '../print.ts';

export interface InviteOptions {
  readonly member?: readonly string[];
  readonly observer?: readonly string[];
  readonly days: string;
  readonly qr?: true;
  readonly wait: boolean;
  readonly keys?: string;
  readonly json?: true;
}

const many = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

export const invite: SumusCommand = {
  declare(program: Command): void {
    program
      .command('invite')
      .description('invite somebody to a run: a link and a QR code; waits, and certifies who comes with it')
      .argument('<run>', 'a run that was started with your keys')
      .option('--member <name>', 'the name under which it takes part; for each again', many)
      .option('--observer <hex>', 'a public key that may read the events, and nothing else; for each again', many)
      .option('--days <days>', 'for how long the invitation holds', '7')
      .option('--qr', 'show a QR code beside each link')
      .option('--no-wait', 'print the links and end: sumus start, or this command again, has to answer')
      .option('--keys <folder>', 'where your keys are (default: SUMUS_HOME/owner, or ~/.sumus/owner)')
      .option('--json', 'a JSON object a line')
      .addHelpText(
        'after',
        '\nWho has the link can use it, once: send it to one person, and by a way that nobody else reads.\n\nExample:\n  sumus invite digits-1 --member basel --qr\n',
      )
      .action((run: string, options: InviteOptions) => inviteTo(run, options));
  },
};

async function inviteTo(runId: string, options: InviteOptions): Promise<void> {
  const days = daysOf(options.days);
  const opened = await openKnownRun(runId, options.keys);
  try {
    const { run } = opened;
    for (const member of options.member ?? []) {
      const invitation = await inviteOnce(run, member, days);
      tellLink(run, invitation, options);
    }
    for (const key of options.observer ?? []) {
      if (!/^[0-9a-f]{64}$/.test(key))
        throw new UsageError(`--observer is a public key of 64 hexadecimal digits, not ${key}`);
      await run.nameObserver(key);
      if (options.json) printJson({ kind: 'observer', key });
      else tell(`${key} may read the events`);
    }
    if (!options.wait) return;
    if (!options.json) process.stdout.write('Waiting for those who were invited; Ctrl-C ends.\n');
    await untilStopped((signal) =>
      run.keepDesk(signal, (text) => (options.json ? printJson({ kind: 'answered', text }) : tell(text))),
    );
  } finally {
    opened.close();
  }
}

const tell = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export function daysOf(text: string): number {
  const days = Number(text);
  if (text.trim() !== '' && days > 0 && days <= 365) return days;
  throw new UsageError(`--days is from 0 to 365, not ${text}`);
}

/** The invitation of that name that nobody used yet, or a new one: one name is one member. */
export async function inviteOnce(run: OwnerRun, member: string, days: number): Promise<Invitation> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,63}$/.test(member)) {
    throw new UsageError(`${member} is no name of a member: letters, digits or ._:/@+-, a letter or digit first`);
  }
  const before = run.book.all.filter((one) => one.member === member && !one.isRevoked);
  const used = before.find(({ certified }) => certified !== undefined);
  if (used !== undefined) throw new UsageError(`${member} is a member already: take another name`);
  const open = before.find(({ notAfterMs }) => notAfterMs > Date.now());
  if (open === undefined) return run.invite({ member, days });
  await run.register(open);
  return open;
}

export function tellLink(
  run: OwnerRun,
  invitation: Invitation,
  { qr, json }: { readonly qr?: true; readonly json?: true },
): void {
  const { member, notAfterMs } = invitation;
  const link = run.linkOf(invitation);
  if (json) {
    printJson({ kind: 'invited', member, link, notAfterMs });
    return;
  }
  process.stdout.write(`${member}, until ${new Date(notAfterMs).toISOString().slice(0, 16)} UTC:\n  ${link}\n`);
  if (!qr) return;
  const lines = qrLines(link, {
    width: process.stdout.columns || 80,
    hasColour: mayColour(process.stdout, process.env),
  });
  process.stdout.write(lines.length === 0 ? '(the terminal is too narrow for its QR code)\n' : `${lines.join('\n')}\n`);
}
