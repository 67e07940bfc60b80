// sumus stop: the owner ends a run. What was published stays; nothing more is asked of anybody.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { openKnownRun } from '../network/own-run.ts';
import { printJson } from '../print.ts';

export interface StopOptions {
  readonly reason: string;
  readonly keys?: string;
  readonly json?: true;
}

export const stop: SumusCommand = {
  declare(program: Command): void {
    program
      .command('stop')
      .description('end a run; what was published stays')
      .argument('<run>', 'a run that was started with your keys')
      .option('--reason <text>', 'what everybody is told', 'The owner ended the run.')
      .option('--keys <folder>', 'where your keys are (default: SUMUS_HOME/owner, or ~/.sumus/owner)')
      .option('--json', 'one JSON object on one line')
      .addHelpText('after', '\nExample:\n  sumus stop digits-1\n')
      .action(async (runId: string, { reason, keys, json }: StopOptions) => {
        const opened = await openKnownRun(runId, keys);
        try {
          await opened.run.stop(reason);
          const { phase, version } = await opened.run.status();
          if (json) printJson({ run: runId, phase, sums: version });
          else process.stdout.write(`${runId}: ${phase}, ${version} sums published\n`);
        } finally {
          opened.close();
        }
      });
  },
};
