// sumus plan: a run's plan, written with sane values and explained in plain words before anybody says yes.
import { type Command, Option } from 'commander';
import type { SumusCommand } from '../command.ts';
import { checkPlanFile, type PlanCheckOptions } from './plan-check.ts';
import { type PlanNewOptions, writePlan } from './plan-new.ts';
import { models, questions } from './plan-questions.ts';
import { declarePlanSign } from './plan-sign.ts';

export const plan: SumusCommand = {
  declare(program: Command): void {
    const group = program
      .command('plan')
      .description('write and sign a plan of a run, or say in plain words what one means');
    declareNew(group);
    declarePlanSign(group);
    group
      .command('check')
      .description('who learns what, the ε at the end, the bytes of a round; or all that is wrong')
      .argument('<file>', 'a plan: JSON, signed or not')
      .option('--key <hex>', 'the Ed25519 key that it has to be signed by')
      .option('--policy <file>', 'hold it against a policy file as well')
      .option('--dataset <name>', 'the data set that the policy is asked about')
      .option('--ledger <file>', 'what was spent and sent before (default: nothing was)')
      .option('--json', 'one JSON object on one line')
      .addHelpText(
        'after',
        '\nExample:\n  sumus plan check plan.json --policy policy.json --dataset digits --ledger ledger.jsonl\n',
      )
      .action((file: string, options: PlanCheckOptions) => checkPlanFile(file, options));
  },
};

function declareNew(group: Command): void {
  const command = group
    .command('new')
    .description(
      'write a plan: asks on a terminal for what no option says; elsewhere, and with --yes, takes the defaults',
    )
    .option('-o, --out <file>', 'where it goes (default: standard output)')
    .option('-y, --yes', 'ask nothing')
    .option('--data <file>', 'for a table like this one: logistic or mlp takes its columns and tells its classes apart')
    .option('--target <column>', 'of the table: what is to be predicted')
    .option('--columns <file>', 'for tables whose statistics are summed before the first round: columns, target, steps')
    .option('--unit-column <column>', 'of the table: whose rows these are; nothing is learned from it');
  for (const { flag, help, choices, fallback } of questions) {
    const option = new Option(
      `--${flag} <${choices === undefined ? 'value' : 'name'}>`,
      `${help} (default: ${fallback})`,
    );
    command.addOption(choices === undefined ? option : option.choices([...choices]));
  }
  command
    .option('--json', 'with --out: one JSON object on one line about what was written')
    .addHelpText(
      'after',
      `\nModels: ${models.join(', ')}\n\nExample:\n  sumus plan new --yes --name digits-2026 --epsilon 3 --minimum 10 --out plan.json\n`,
    )
    .action((options: PlanNewOptions) => writePlan(options));
}
