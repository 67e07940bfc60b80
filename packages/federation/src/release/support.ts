// Which coordinates a release sums, derived by everybody from what is public: the plan, the beacon of an earlier context, and (guided) what
// was published before. The hash of it goes into the round's configuration.

import type { Context } from '@sumus/secure-sum/context';
import type { Hashing, PublicPrimitives } from '@sumus/secure-sum/primitives';
import { drawSupport, type Support, type SupportRule, wholeSupport } from '@sumus/secure-sum/support/public';
import type { CheckedPlan } from '../plan/check.ts';
import type { Sharing } from '../plan/plan.ts';
import type { Published } from './published.ts';

/**
 * `earlier`: an earlier whole context of the run, whose beacon nobody could foresee when what guides was published. Not needed for the
 * supports all and own, nor in one round.
 */
export function supportOfRelease(
  primitives: Hashing & Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  { exchange, model, sharing }: CheckedPlan,
  { published, earlier }: { readonly published: Published; readonly earlier: Context | undefined },
): Support {
  if (exchange.schedule === 'one-round') {
    const { featureCount: d, classes } = exchange;
    return wholeSupport(primitives, (d * (d + 1)) / 2 + d * classes);
  }
  return drawSupport(primitives, {
    vectorLength: model.parameterCount,
    rule: ruleOf(sharing, model.parameterCount),
    context: earlier,
    guide: published.kind === 'model' ? published.guide : undefined,
  });
}

function ruleOf({ support }: Sharing, parameterCount: number): SupportRule {
  switch (support.kind) {
    case 'all':
    case 'own':
      return { kind: 'all' };
    case 'random':
      return { kind: 'random', count: countOf(support.fraction, parameterCount) };
    case 'guided': {
      const count = countOf(support.fraction, parameterCount);
      return { kind: 'guided', count, explore: Math.ceil(support.explore * count) };
    }
    default:
      return support satisfies never;
  }
}

/** As plan/sums.ts counts. */
const countOf = (fraction: number, parameterCount: number): number => Math.max(1, Math.ceil(fraction * parameterCount));
