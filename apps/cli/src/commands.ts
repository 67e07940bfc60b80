// The commands of `sumus`, in the order in which the help shows them. A new command is a new file and one line here.
import type { SumusCommand } from './command.ts';
import { budget } from './commands/budget.ts';
import { data } from './commands/data.ts';
import { doctor } from './commands/doctor.ts';
import { parameters } from './commands/parameters.ts';

export const commands: readonly SumusCommand[] = [budget, data, parameters, doctor];
