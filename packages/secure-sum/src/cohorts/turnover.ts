// Two sums over nearly the same members: their difference is about the few who are in one of them only. With values that change little
// from round to round that is an attack (76), so a set of contributors that differs from an earlier one by fewer members than a sum may
// have is refused, or charged to those members by the accountant of differential privacy: the caller decides, the verdict is here.
//
// Equal sets are no difference, and disjoint ones have nothing in common. Combinations of more than two sums are not seen here: what
// they say is bounded by shuffled cohorts and by accounting alone.

import { ParameterError, ProtocolViolation } from '../errors.ts';

export type Turnover =
  | { readonly kind: 'fresh' }
  | {
      readonly kind: 'small';
      /** Which of the earlier sets, by its place. */
      readonly earlier: number;
      /** Who is in one of the two sets only: whom the difference is about. */
      readonly exposed: readonly string[];
    };

/** Compares the contributors of a sum about to be opened with those of earlier sums. The worst comparison counts. */
export function turnoverOf(
  contributors: readonly string[],
  earlier: readonly (readonly string[])[],
  fewestDifferent: number,
): Turnover {
  if (!Number.isInteger(fewestDifferent) || fewestDifferent < 2) {
    throw new ParameterError(`the least turnover is ${fewestDifferent}, not a whole number of at least 2`);
  }
  const now = new Set(contributors);
  if (now.size !== contributors.length) throw new ParameterError('a contributor is listed twice');
  let worst: Turnover = { kind: 'fresh' };
  earlier.forEach((set, at) => {
    const then = new Set(set);
    const exposed = [...contributors.filter((id) => !then.has(id)), ...set.filter((id) => !now.has(id))];
    const apart = exposed.length === then.size + now.size;
    const small = exposed.length > 0 && exposed.length < fewestDifferent && !apart;
    if (small && (worst.kind === 'fresh' || exposed.length < worst.exposed.length)) {
      worst = { kind: 'small', earlier: at, exposed };
    }
  });
  return worst;
}

/** For a policy that refuses instead of charging. */
export function requireTurnover(turnover: Turnover): void {
  switch (turnover.kind) {
    case 'fresh':
      return;
    case 'small':
      throw new ProtocolViolation(
        'E_FLOOR',
        `the contributors differ from those of an earlier sum by ${turnover.exposed.length} only: ${turnover.exposed.slice(0, 8).join(', ')}`,
      );
    default:
      turnover satisfies never;
  }
}
