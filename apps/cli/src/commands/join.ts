// sumus join: a participant. Shows what would leave before anything does, asks, trains where the data are, and keeps a key, a ledger and where it
// stands in a folder of its own. Killed and started again, it goes on; what its policy does not allow, it does not do.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { declareSource } from './data-source-options.ts';
import { type JoinOptions, joinRun } from './join-run.ts';

export const join: SumusCommand = {
  declare(program: Command): void {
    declareSource(program.command('join'))
      .description('take part in a run with data of your own, which stay where they are')
      .argument('<link>', 'the invitation: https://HOST/join#…, or - for standard input')
      .option('--data <path>', 'a folder with the IDX files of the MNIST family, or a table of any format')
      .option('--target <column>', 'of a table: what is to be predicted')
      .option('--unit <column>', 'of a table: whose rows these are, where the plan counts people')
      .option('--part <part>', 'such as 1/3: every third row, for trying things on one machine')
      .option('--dataset <name>', "the data set's name in the policy: budgets are counted by it", 'data')
      .option('--policy <file>', 'what you allow, whatever a plan says (default: this plan, once you say yes)')
      .option('-y, --yes', 'say yes to this plan without being asked')
      .option('--dry-run', 'show what would leave this machine, and send nothing')
      .option('--state <folder>', 'your key, ledger and place in runs (default: SUMUS_HOME/participant)')
      .option('-o, --out <file>', 'where the model goes: NAME.safetensors')
      .option('--leave <reason>', 'leave the run for good, with a word why')
      .option('--json', 'a JSON object a line: what happens, and the end')
      .addHelpText(
        'after',
        [
          '',
          'The link is a secret until it is used: what is typed stays in the history of a shell, and others on a shared machine see the words of',
          'a command. With - in its place it is read from standard input, as in: sumus join - --data patients.csv --yes < link.txt',
          'SUMUS_PASSPHRASE seals the folder; without it a key file in the folder does.',
          'Ctrl-C stops, and the same command goes on. One folder is one participant: its budget is counted over all runs.',
          '',
          'Examples:',
          '  sumus join "https://fl.hospital.example:7443/join#AQQ…" --data patients.csv --dry-run',
          '  sumus join "https://fl.hospital.example:7443/join#AQQ…" --data patients.csv --policy policy.json',
          '',
        ].join('\n'),
      )
      .action((link: string, options: JoinOptions) => joinRun(link, options));
  },
};
