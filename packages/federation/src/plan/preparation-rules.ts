// What a plan's preparation may not say: rules of consistency about what is done to the data before the model sees them.

import type { Rule } from './rule.ts';

export type PreparationRule = 'scattering-of-another-width' | 'scattering-twice';

export const PREPARATION_RULES: readonly Rule<PreparationRule>[] = [
  {
    rule: 'scattering-of-another-width',
    path: 'preparation.featureCount',
    broken: ({ preparation, model: { architecture } }) =>
      preparation.kind === 'scattering' &&
      (architecture.input.length !== 1 || architecture.input[0] !== preparation.featureCount),
    what: ({ model: { architecture } }) => `is not the model's input of ${architecture.input.join(' × ')}`,
    next: 'write as many features as the model has inputs',
  },
  {
    rule: 'scattering-twice',
    path: 'preparation.kind',
    broken: ({ preparation, exchange }) => preparation.kind === 'scattering' && exchange.schedule === 'one-round',
    what: () => 'is scattering, and the exchange of one round names its features itself',
    next: 'write "as-given", and exchange.features "scattering"',
  },
];
