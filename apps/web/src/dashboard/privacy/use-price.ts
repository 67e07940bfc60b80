// ε of a plan as the page shows it: asked a moment after the last change, so that a slider that moves asks once. An answer belongs to the
// question that it was given to: while another is computed, nothing is shown rather than the ε of other settings.
import type { Plan } from '@sumus/federation/plan';
import { useEffect, useState } from 'preact/hooks';
import { askAccountant } from './accountant.ts';

interface Priced {
  readonly plan: Plan;
  readonly rounds: number;
  readonly epsilon: number | null;
}

/** ε after so many rounds of a plan; null while it is computed, or where there is none. */
export function usePrice(plan: Plan, rounds: number): number | null {
  const [found, setFound] = useState<Priced | null>(null);
  useEffect(() => {
    let isOn = true;
    const timer = setTimeout(() => {
      askAccountant<'price'>({ kind: 'price', plan, rounds }).then(
        ({ epsilon }) => isOn && setFound({ plan, rounds, epsilon }),
        () => isOn && setFound(null),
      );
    }, 120);
    return () => {
      isOn = false;
      clearTimeout(timer);
    };
  }, [plan, rounds]);
  return found !== null && found.plan === plan && found.rounds === rounds ? found.epsilon : null;
}
