// sumus data: what is done to a table before anything learns from it.
import type { Command } from 'commander';
import type { SumusCommand } from '../command.ts';
import { declareAnonymize } from './data-anonymize.ts';
import { declareConvert } from './data-convert.ts';
import { declareDescribe } from './data-describe.ts';
import { declareRisk } from './data-risk.ts';
import { declareSplit } from './data-split.ts';

export const data: SumusCommand = {
  declare(program: Command): void {
    const group = program.command('data').description('read, describe, split and anonymise tables');
    declareDescribe(group);
    declareConvert(group);
    declareSplit(group);
    declareAnonymize(group);
    declareRisk(group);
  },
};
