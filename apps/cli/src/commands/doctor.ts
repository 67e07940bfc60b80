// sumus doctor: says what of Sumus will work on this machine, and fails when something is missing that everything needs.
import type { Command } from 'commander';
import { BadNews, type SumusCommand } from '../command.ts';
import { always, chromium, type Finding, memory, node, postgresql, primitives, wasmEngine } from '../machine.ts';
import { printColumns, printJson } from '../print.ts';

const probes: readonly (() => Finding | Promise<Finding>)[] = [
  node,
  wasmEngine,
  primitives,
  memory,
  chromium,
  postgresql,
];

export const doctor: SumusCommand = {
  declare(program: Command): void {
    program
      .command('doctor')
      .description('say what works on this machine')
      .option('--json', 'one JSON object instead of a table')
      .action(async (options: { json?: true }) => {
        const findings = await Promise.all(probes.map((probe) => probe()));
        const healthy = findings.every((finding) => finding.found || finding.neededFor !== always);
        if (options.json) printJson({ healthy, findings });
        else {
          printColumns(findings.map((one) => [one.found ? 'ok' : '--', one.name, one.detail, `for ${one.neededFor}`]));
          process.stdout.write(
            healthy ? 'Sumus works here.\n' : 'Sumus does not work here: see the lines marked --.\n',
          );
        }
        if (!healthy) throw new BadNews('something is missing that everything needs');
      });
  },
};
