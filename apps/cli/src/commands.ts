// The commands of `sumus`, in the order in which the help shows them. A new command is a new file and one line here.
import type { SumusCommand } from './command.ts';
import { budget } from './commands/budget.ts';
import { completion } from './commands/completion.ts';
import { data } from './commands/data.ts';
import { doctor } from './commands/doctor.ts';
import { encrypted } from './commands/encrypted.ts';
import { evidence } from './commands/evidence.ts';
import { explore } from './commands/explore.ts';
import { invite } from './commands/invite.ts';
import { keys } from './commands/keys.ts';
import { ledger } from './commands/ledger.ts';
import { model } from './commands/model.ts';
import { parameters } from './commands/parameters.ts';
import { plan } from './commands/plan.ts';
import { serve } from './commands/serve.ts';
import { simulate } from './commands/simulate.ts';
import { start } from './commands/start.ts';
import { status } from './commands/status.ts';

export const commands: readonly SumusCommand[] = [
  keys,
  plan,
  serve,
  start,
  invite,
  status,
  simulate,
  explore,
  model,
  encrypted,
  ledger,
  evidence,
  budget,
  data,
  parameters,
  doctor,
  completion,
];
