// sumus ledger: what left, what it cost, who contributed; and whether the record of it is what its owner wrote.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { exportLedger, type LedgerOptions, showLedger, verifyLedgerFile } from './ledger-commands.ts';

const withOptions = (command: Command): Command =>
  command
    .argument('<file>', 'a ledger: one record a line')
    .option(
      '--owner <hex>',
      "the owner's Ed25519 key (default: the first record's, which proves nothing about whose it is)",
    )
    .option('--size <records>', 'how many records there were when the head was kept')
    .option('--head <hex>', 'the hash of the last of them: finds a cut tail')
    .option('--delta <δ>', 'at which ε is said', '1e-6')
    .option('--json', 'one JSON object on one line');

export const ledger: SumusCommand = {
  declare(program: Command): void {
    const group = program
      .command('ledger')
      .description('show, verify or export the record of what left and what it cost');
    withOptions(group.command('show').description('every record a line, and ε by data set'))
      .addHelpText('after', '\nExample:\n  sumus ledger show ledger.jsonl\n')
      .action((file: string, options: LedgerOptions) => showLedger(file, options));
    withOptions(
      group.command('verify').description('name every changed, missing, repeated, reordered or foreign record'),
    )
      .addHelpText(
        'after',
        '\nExample:\n  sumus ledger verify ledger.jsonl --owner 3b6a…29 --size 120 --head 9f2c…11\n',
      )
      .action((file: string, options: LedgerOptions) => verifyLedgerFile(file, options));
    withOptions(
      group.command('export').description('one JSON document for an auditor: verdict, ε by data set, records'),
    )
      .option('-o, --out <file>', 'where it goes (default: standard output)')
      .addHelpText('after', '\nExample:\n  sumus ledger export ledger.jsonl --owner 3b6a…29 --out evidence.json\n')
      .action((file: string, options: LedgerOptions) => exportLedger(file, options));
  },
};
