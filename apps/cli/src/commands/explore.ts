// sumus explore: the pilot project before the project. Which batch, which rate, how much noise: what each would cost in accuracy, and give in
// privacy, against the accountant and against an attacker.
import { type Command, Option } from 'commander';
import type { SumusCommand } from '../command.ts';
import { declareSource } from './data-source-options.ts';
import { declareExamples } from './examples-source.ts';
import { type ExploreOptions, exploreFile } from './explore-run.ts';

export const explore: SumusCommand = {
  declare(program: Command): void {
    declareExamples(declareSource(program.command('explore')))
      .description("try settings of a plan: accuracy, ε and an attacker's success of each, with the front marked")
      .argument('<plan>', 'a plan: JSON, signed or not')
      .requiredOption('--participants <count>', 'how many take part')
      .option('--batch <sizes>', 'commas between: 16,64,256 (default: the plan’s)')
      .option('--rate <rates>', 'local learning rates (default: the plan’s)')
      .option('--noise <multipliers>', 'noise over the clipping norm (default: the plan’s)')
      .option('--partition <how>', 'who gets which examples: iid, dirichlet:α, shards or shards:n', 'iid')
      .option('--examples <count>', 'how many are dealt out in all (default: as many as there are)')
      .option('--drop <p>', 'with which chance a participant goes silent in a round', '0')
      .option('--seed <number>', 'the same seed gives the same runs', '1')
      .option('--rounds <count>', 'at most so many sums each (default: as the plan has it)')
      .addOption(
        new Option(
          '--protection <name>',
          'none: where the plan allows it; sums are the same whole numbers as under protection, without its time',
        )
          .choices(['plan', 'none'])
          .default('none'),
      )
      .option('--public', 'the data are published already: then the search costs nobody anything')
      .option('--ledger <file>', 'charge the search to this ledger; a new one is begun where there is none')
      .option('--key <file>', "the ledger's owner's Ed25519 key: PEM, PKCS #8")
      .option('--dataset <name>', 'what the ledger calls these data')
      .option('--json', 'one JSON object on one line')
      .addHelpText(
        'after',
        '\nEvery setting is a training on the same data. Unless they are public, the search itself has a price: its ε is printed, and\n--ledger writes it down before a result is shown.\n\nExample:\n  sumus explore plan.json --data mnist --participants 10 --batch 16,64,256 --noise 0.8,1.2\n',
      )
      .action((file: string, options: ExploreOptions) => exploreFile(file, options));
  },
};
