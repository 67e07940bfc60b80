// Whether a trained model leaves the room. Three ways in: with a guarantee (then the interval was proved before the run, and what was
// observed decides nothing, for that would leak); without one, for the owner of all rows, when every margin met lay within the
// interval; else refused, with the reason. A diverged run is never released.

import type { Trajectory } from './descent.ts';
import type { PrivateTrajectory } from './private-descent.ts';
import type { Recipe, RecipeLiteral } from './recipe.ts';
import { type Statement, statementOf } from './statement.ts';

export type RefusalCode = 'diverged' | 'interval-left';

export type Released =
  | {
      readonly kind: 'released';
      readonly weights: Float64Array;
      /** Null: no privacy is claimed, and the model is for the owner of the rows. */
      readonly statement: Statement | null;
    }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly reason: string };

/** For the owner of the rows: no privacy is claimed. */
export function releaseToOwner({ recipe, weights, margins, stoppedAt }: Trajectory): Released {
  const left = leftInterval(recipe, margins);
  const diverged = stoppedAt === undefined ? '' : `; the iterate of step ${stoppedAt} is not finite: the run diverged`;
  if (left !== undefined) return refused('interval-left', left + diverged);
  if (stoppedAt !== undefined) return refused('diverged', diverged.slice(2));
  return { kind: 'released', weights, statement: null };
}

/** With the guarantee that the run was made under. */
export function releaseWithStatement(
  { guarantee, weights, stoppedAt }: PrivateTrajectory,
  literal: RecipeLiteral,
): Released {
  if (stoppedAt !== undefined) {
    return refused('diverged', `the iterate of step ${stoppedAt} is not finite: the run diverged`);
  }
  return { kind: 'released', weights, statement: statementOf(guarantee, literal) };
}

/** Why margins are beyond the interval, or undefined. */
export function leftInterval(
  { activation }: Pick<Recipe, 'activation'>,
  margins: readonly number[],
): string | undefined {
  if (activation === undefined) return undefined;
  const step = margins.findIndex((margin) => !(margin <= activation.interval));
  if (step === -1) return undefined;
  const margin = margins[step];
  return (
    `at step ${step} some |⟨w, x⟩| was ${Number.isFinite(margin) ? margin.toPrecision(4) : 'not finite'}, outside the interval ` +
    `±${activation.interval} on which degree ${activation.degree} stands for the sigmoid: project, or take shorter steps`
  );
}

const refused = (code: RefusalCode, reason: string): Released => ({ kind: 'refused', code, reason });
