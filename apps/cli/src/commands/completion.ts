// sumus completion: the script that makes a shell complete `sumus`, made from the declarations of this very version.
import { Argument, type Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { commandTree } from '../completion/command-tree.ts';
import { completionScript, type Shell, shells } from '../completion/scripts.ts';

export const completion: SumusCommand = {
  declare(program: Command): void {
    program
      .command('completion')
      .description('print the script that makes a shell complete this command')
      .addArgument(new Argument('<shell>', 'which shell').choices([...shells]))
      .addHelpText('after', '\nExample:\n  eval "$(sumus completion bash)"\n')
      .action((shell: Shell) => {
        process.stdout.write(completionScript(shell, commandTree(program)));
      });
  },
};
