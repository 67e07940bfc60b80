// The commands of `sumus`, in the order in which the help shows them. A new command is a new file and one line here. What is typed is loaded alone:
// loading all of them takes longer than most of them take.
import type { SumusCommand } from './command.ts';

type Load = () => Promise<SumusCommand>;

export const commands: ReadonlyMap<string, Load> = new Map<string, Load>([
  ['demo', async () => (await import('./commands/demo.ts')).demo],
  ['keys', async () => (await import('./commands/keys.ts')).keys],
  ['plan', async () => (await import('./commands/plan.ts')).plan],
  ['serve', async () => (await import('./commands/serve.ts')).serve],
  ['start', async () => (await import('./commands/start.ts')).start],
  ['invite', async () => (await import('./commands/invite.ts')).invite],
  ['join', async () => (await import('./commands/join.ts')).join],
  ['page', async () => (await import('./commands/page.ts')).page],
  ['revoke', async () => (await import('./commands/revoke.ts')).revokeCommand],
  ['stop', async () => (await import('./commands/stop.ts')).stop],
  ['status', async () => (await import('./commands/status.ts')).status],
  ['simulate', async () => (await import('./commands/simulate.ts')).simulate],
  ['explore', async () => (await import('./commands/explore.ts')).explore],
  ['attack', async () => (await import('./commands/attack.ts')).attack],
  ['model', async () => (await import('./commands/model.ts')).model],
  ['encrypted', async () => (await import('./commands/encrypted.ts')).encrypted],
  ['ledger', async () => (await import('./commands/ledger.ts')).ledger],
  ['evidence', async () => (await import('./commands/evidence.ts')).evidence],
  ['budget', async () => (await import('./commands/budget.ts')).budget],
  ['data', async () => (await import('./commands/data.ts')).data],
  ['parameters', async () => (await import('./commands/parameters.ts')).parameters],
  ['doctor', async () => (await import('./commands/doctor.ts')).doctor],
  ['completion', async () => (await import('./commands/completion.ts')).completion],
]);

/** Those that these words can be meant for: all where the first is none, or speaks of the others. */
export async function commandsFor(words: readonly string[]): Promise<readonly SumusCommand[]> {
  const first = words[0] ?? '';
  const load = first === 'completion' ? undefined : commands.get(first);
  if (load !== undefined) return [await load()];
  return Promise.all([...commands.values()].map((one) => one()));
}
