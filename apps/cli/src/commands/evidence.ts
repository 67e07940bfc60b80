// sumus evidence: what a run can show to who has to judge it, as a page and as JSON; a log that was tampered with is said to be one.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { type EvidenceOptions, writeEvidence } from './evidence-run.ts';

const collected = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export const evidence: SumusCommand = {
  declare(program: Command): void {
    program
      .command('evidence')
      .description(
        'write what a run can show to an auditor: 21 artefacts of facts with their sources, as HTML and JSON',
      )
      .argument('<run>', 'a run of yours at its server, or a file with its log (one event a line)')
      .option('-o, --out <folder>', 'where evidence.html and evidence.json go (default: evidence-RUN)')
      .option('--keys <folder>', 'your keys and runs, where RUN is at a server (default: where sumus start keeps them)')
      .option('--ledger <name=file>', "a participant's own ledger; for each of them again", collected)
      .option('--tests <file>', 'a report of the tests of this software: vitest run --reporter=json --outputFile FILE')
      .option('--bench <file>', 'a report of a bench: npm run bench -- NAME --json; for each again', collected)
      .option('--attack <file>', 'what sumus attack … --json found; for each again', collected)
      .option('--statements <file>', 'what you state, because no log can know it: controllers, processors, …')
      .option('--owner <hex>', "the plan owner's Ed25519 key, as you know it")
      .option('--coordinator <hex>', "the coordinator's Ed25519 key, as you know it")
      .option('--size <events>', 'how many events there were when the digest was kept')
      .option('--head <hex>', 'the digest of so many events')
      .option('--commit <hash>', 'the commit of the software that ran')
      .option('--json', 'one JSON object on one line: what was written, and what is wrong')
      .addHelpText(
        'after',
        [
          '',
          'Examples:',
          '  sumus evidence digits-1',
          '  sumus evidence digits-1 --ledger clinic-a=ledger.jsonl --statements statements.json --tests tests.json',
          '  sumus evidence events.jsonl --owner 3b6a…29 --size 214 --head 9f2c…11 --out for-the-board',
          '',
          'Statements are a JSON file:',
          '  { "format": "sumus/statements/1", "by": "the hospital board", "controllers": ["…"], "processors": ["…"],',
          '    "transfers": ["…"], "retention": "…", "withdrawal": "…", "incidents": "…", "drill": "…" }',
          '',
          'Exit code 1 where something is wrong with the log or with a ledger; what was found stands in both files.',
          '',
        ].join('\n'),
      )
      .action((run: string, options: EvidenceOptions) => writeEvidence(run, options));
  },
};
