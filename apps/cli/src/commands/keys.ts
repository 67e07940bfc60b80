// sumus keys: the owner's two keys, made where there are none; what is printed is their public halves, which servers and participants are told.

import { hexOf } from '@sumus/wire/text';
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { openOwnerFolder, usualOwnerFolder } from '../network/owner-folder.ts';
import { printColumns, printJson } from '../print.ts';

export const keys: SumusCommand = {
  declare(program: Command): void {
    program
      .command('keys')
      .description("an owner's keys: show their public halves; made where there are none")
      .option('--keys <folder>', 'where they are (default: SUMUS_HOME/owner, or ~/.sumus/owner)')
      .option('--json', 'one JSON object on one line')
      .addHelpText('after', '\nExample:\n  sumus keys\n')
      .action((options: { readonly keys?: string; readonly json?: true }) => showKeys(options));
  },
};

async function showKeys(options: { readonly keys?: string; readonly json?: true }): Promise<void> {
  const { folder, owner, authority, isNew } = await openOwnerFolder(options.keys ?? usualOwnerFolder());
  const [ownerKey, authorityKey] = [hexOf(owner.publicKey), hexOf(authority.publicKey)];
  if (options.json) {
    printJson({ folder, owner: ownerKey, authority: authorityKey, isNew });
    return;
  }
  printColumns([
    [isNew ? 'made' : 'folder', folder],
    ['owner', ownerKey, 'signs plans; a server that is for some owners only is told this one'],
    ['authority', authorityKey, 'vouches for participants; stands in plans as admission.authority'],
  ]);
  process.stdout.write('The private halves stay in the folder: who has the second decides who takes part.\n');
}
