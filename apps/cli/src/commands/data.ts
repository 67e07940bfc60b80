// sumus data: what is done to a table before anything learns from it.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { declareAnonymize } from './data-anonymize.ts';
import { declareRisk } from './data-risk.ts';

export const data: SumusCommand = {
  declare(program: Command): void {
    const group = program.command('data').description('read, describe, split and anonymise tables');
    declareAnonymize(group);
    declareRisk(group);
  },
};
