// sumus demo: a first private training by one command. A server, an owner and five participants on this machine, real digits, one-shot sums and
// differential privacy; ends with the model, what was promised, and what to try next.
import { type Command, Option } from 'commander';
import { BadNews, type SumusCommand } from '../command.ts';
import { demoHome, openDemo } from '../demo/demo-folder.ts';
import { type DemoModel, demoModels } from '../demo/demo-plan.ts';
import { DEMO_DATASET, type DemoResult, runDemo } from '../demo/run-demo.ts';
import { untilStopped } from '../network/until-stopped.ts';
import { screenKind, WatchScreen } from '../network/watch-screen.ts';
import { printColumns, printJson } from '../print.ts';
import { percent, upwards } from '../run-view.ts';
import { epsilonText } from './start.ts';

export interface DemoCommandOptions {
  readonly model: DemoModel;
  readonly folder?: string;
  readonly json?: true;
}

const PARTICIPANTS = 5;

export const demo: SumusCommand = {
  declare(program: Command): void {
    program
      .command('demo')
      .description('a first private training on this machine: five participants, real digits, a minute')
      .addOption(
        new Option('--model <name>', 'ridge: from one sum, a minute; lenet: a network, some minutes')
          .choices([...demoModels])
          .default('ridge'),
      )
      .option('--folder <folder>', 'where demonstrations lie (default: SUMUS_HOME/demo, or ~/.sumus/demo)')
      .option('--json', 'one JSON object on one line, at the end')
      .addHelpText(
        'after',
        '\nCtrl-C stops it, and the same command goes on. All of it lies in one folder, and on this machine.\n\nExample:\n  sumus demo --model lenet\n',
      )
      .action((options: DemoCommandOptions) => runDemonstration(options));
  },
};

async function runDemonstration({ model, folder: told, json }: DemoCommandOptions): Promise<void> {
  const startedAtMs = performance.now();
  const home = told ?? demoHome();
  const folder = openDemo(home, { model, participants: PARTICIPANTS }, Date.now());
  const screen = new WatchScreen(json ? 'silent' : screenKind(undefined));
  screen.say(
    folder.isResumed
      ? `going on with the demonstration in ${folder.path}`
      : 'five participants learn digits together; each shows the others, and the server, nothing but its part of a sum',
  );
  screen.say(
    'DEMONSTRATION: this command starts the server and holds the key that vouches for participants; in a run these are two parties',
  );
  const result = await untilStopped((signal) => runDemo({ folder, screen, signal, startedAtMs }));
  if (result === undefined) {
    if (!json)
      process.stdout.write(
        `\nStopped; nothing is lost: the same command goes on. To forget it: ${deletion(folder.path)}\n`,
      );
    throw new BadNews('stopped before the end');
  }
  if (json) printJson(summary(result));
  else tell(result);
}

const deletion = (path: string): string =>
  process.platform === 'win32' ? `rmdir /s /q "${path}"` : `rm -r ${/^[\w/.-]+$/.test(path) ? path : `'${path}'`}`;

function summary({ plan, view, receipts, ...rest }: DemoResult): object {
  const { privacy } = plan.plan;
  return {
    ...rest,
    plan: plan.id,
    sums: view.releases,
    contributors: view.contributors,
    delta: privacy.kind === 'none' ? null : privacy.delta,
    epsilonText: rest.epsilon === null ? null : upwards(rest.epsilon),
    receipts,
  };
}

function tell(result: DemoResult): void {
  const { plan, view, seconds, firstRoundMs, epsilon, accuracy, accuracyWithoutPrivacy, modelFile, folder } = result;
  const newest = Math.max(...result.receipts.map(({ round }) => round));
  const receipts = result.receipts.filter(({ round }) => round === newest);
  const first = firstRoundMs === null ? '' : `, the first round after ${(firstRoundMs / 1000).toFixed(1)} s`;
  process.stdout.write('\n');
  printColumns([
    ['end', `${view.ended?.text ?? ''} It took ${seconds.toFixed(0)} s${first}.`],
    ['accuracy', `${percent(accuracy)} on 1,000 digits that nobody trained on`],
    ['', `${percent(accuracyWithoutPrivacy)} without differential privacy, all digits in one place: the price of it`],
    ['privacy', epsilonText(plan.plan.privacy, epsilon)],
    ...receipts.map(({ member, round, contribution }, place) => [
      place === 0 ? 'receipts' : '',
      `${member} is in the sum of round ${round} with ${contribution.slice(0, 16)}…, as its own ledger says`,
    ]),
    ['model', modelFile],
    ['state', folder],
    ['delete', deletion(folder)],
  ]);
  process.stdout.write('\nNext:\n');
  printColumns([
    [
      '  what was agreed',
      `npx sumus plan check ${folder}/plan.json --key ${plan.signedBy} --policy ${folder}/policy.json --dataset ${DEMO_DATASET}`,
    ],
    ['  what left one of them', `npx sumus ledger show ${folder}/participants/participant-1/ledger.jsonl --delta 1e-5`],
    ['  what it can show', `npx sumus evidence ${folder}/events.jsonl --out ${folder}/evidence`],
    ['  a network instead', 'npx sumus demo --model lenet'],
    ['  with your own data', 'npx sumus plan new --help, then serve, start and join'],
  ]);
}
