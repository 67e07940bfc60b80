// sumus simulate: a whole federation in this process, with the real cryptography, from one seed and in virtual time. What a run would come to
// on these data: accuracy by round, ε, bytes, seconds by phase; nobody's machine but this one is needed.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { declareSource } from './data-source-options.ts';
import { declareExamples } from './examples-source.ts';
import { type SimulateOptions, simulateFile } from './simulate-run.ts';

export const simulate: SumusCommand = {
  declare(program: Command): void {
    declareExamples(declareSource(program.command('simulate')))
      .description('a whole federation in one process, with the real cryptography, before anybody is asked to join one')
      .argument('<plan>', 'a plan: JSON, signed or not')
      .requiredOption('--participants <count>', 'how many take part')
      .option('--partition <how>', 'who gets which examples: iid, dirichlet:α, shards or shards:n', 'iid')
      .option('--examples <count>', 'how many are dealt out in all (default: as many as there are)')
      .option('--drop <p>', 'with which chance a participant goes silent in a round', '0')
      .option('--seed <number>', 'the same seed gives the same run', '1')
      .option('--rounds <count>', 'the owner ends the run after so many sums (default: as the plan has it)')
      .option('--try-every <rounds>', 'how often the model is tried on the test examples', '1')
      .option('-o, --out <file>', 'where the model goes: NAME.safetensors')
      .option('--ledgers <folder>', 'where the ledgers of all go: sumus ledger reads them')
      .option('--json', 'one JSON object on one line')
      .addHelpText(
        'after',
        '\nSeeds reach keys, noise and batches only here: what is simulated protects nobody, and shows what a run would do.\n\nExample:\n  sumus simulate plan.json --data mnist --participants 10 --partition dirichlet:0.5 --drop 0.1\n',
      )
      .action((file: string, options: SimulateOptions) => simulateFile(file, options));
  },
};
