// The command line as a whole: declares every command, runs one, and turns each way of ending into an exit code:
// 0 done, 1 failed, 2 what was typed cannot be meant.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { BadNews, UsageError } from './command.ts';
import { commandsFor } from './commands.ts';

export async function runCommandLine(words: readonly string[]): Promise<number> {
  const program = new Command('sumus')
    .description('Train together, reveal only the sum.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(sumus --help lists the commands)')
    .exitOverride();
  for (const command of await commandsFor(words)) command.declare(program);
  if (words.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its own message (or the help, or the version) before it throws.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof BadNews) return 1;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const message = error instanceof Error ? error.message : String(error);
  // A message may name a file or a column: signs that would move a terminal's cursor are shown, not obeyed.
  process.stderr.write(`sumus: ${message.replaceAll(/[^\P{Cc}\n]/gu, '·')}${code}\n`);
  return error instanceof UsageError ? 2 : 1;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('package.json of the sumus command has no version');
}
