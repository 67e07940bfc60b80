// sumus budget: what a run costs in privacy, how much noise or how many steps a budget allows, and a check of the accountants against a
// file of reference cases.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { checkFile } from './budget-check.ts';
import { tellEpsilon } from './budget-epsilon.ts';
import { tellNoise, tellSteps } from './budget-inverse.ts';
import { accountants, adjacencyNames, mechanismNames, type RunOptions } from './budget-options.ts';

/** The options that describe a run, but for the one that is asked for. */
function describeRun(command: Command, asked: 'epsilon' | 'noise' | 'steps'): Command {
  if (asked !== 'epsilon') command.requiredOption('--epsilon <ε>', 'the ε that may not be exceeded');
  if (asked !== 'noise') {
    command.requiredOption(
      '--noise-multiplier <σ>',
      'noise over the clipping norm (Laplace: scale over the L1 norm; discrete: on integers that one record moves by one)',
    );
  }
  if (asked !== 'steps') command.requiredOption('--steps <T>', 'how often a batch is drawn and its noisy sum released');
  return command
    .requiredOption(
      '--delta <δ>',
      'the probability with which the guarantee may fail; well below one over the number of records',
    )
    .option('--sampling-rate <q>', 'probability with which a record enters a batch, each by itself', '1')
    .option('--accountant <name>', `${accountants.join(', ')}; by default the least sound bound of all`)
    .option('--mechanism <name>', mechanismNames.join(', '), 'gaussian')
    .option('--adjacency <name>', adjacencyNames.join(', '), 'add-remove')
    .option('--json', 'one JSON object on one line');
}

export const budget: SumusCommand = {
  declare(program: Command): void {
    const command = program.command('budget').description('say what a run costs in privacy, or how much it may do');
    describeRun(command.command('epsilon').description('the ε of a run, by every accountant'), 'epsilon').action(
      (options: RunOptions) => tellEpsilon(options),
    );
    describeRun(command.command('noise').description('the least noise that keeps an ε'), 'noise').action(
      (options: RunOptions) => tellNoise(options),
    );
    describeRun(command.command('steps').description('the most steps that keep an ε'), 'steps').action(
      (options: RunOptions) => tellSteps(options),
    );
    command
      .command('check')
      .description('account every case of a reference file')
      .argument('<file>', 'JSON with a list called entries')
      .option('--json', 'one JSON object a line and case')
      .action((file: string, options: { json?: true }) => checkFile(file, options));
  },
};
