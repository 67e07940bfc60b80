// What a command is, and the two ways in which it may end badly. A command lives in a file of its own under commands/ and
// is entered in commands.ts; nothing else of the command line needs to know it.
import type { Command } from 'commander';

export interface SumusCommand {
  /** Declares the command with its options, help and action. */
  declare(program: Command): void;
}

/** What the user typed cannot be meant: exit code 2. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  override readonly name = 'UsageError';
}

/** The command did its work and the answer is bad news, already printed: exit code 1 and nothing more to say. */
export class BadNews extends Error {
  readonly code = 'BAD_NEWS';
  override readonly name = 'BadNews';
}
