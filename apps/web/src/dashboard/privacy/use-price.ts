// ε of a plan as the page shows it: asked a moment after the last change, so that a slider that moves asks once.
import type { Plan } from '@sumus/federation/plan';
import { useEffect, useState } from 'preact/hooks';
import { askAccountant } from './accountant.ts';

/** ε after so many rounds of a plan; null while it is computed, or where there is none. */
export function usePrice(plan: Plan, rounds: number): number | null {
  const [found, setFound] = useState<number | null>(null);
  useEffect(() => {
    let isOn = true;
    const timer = setTimeout(() => {
      askAccountant<'price'>({ kind: 'price', plan, rounds }).then(
        (price) => isOn && setFound(price.epsilon),
        () => isOn && setFound(null),
      );
    }, 120);
    return () => {
      isOn = false;
      clearTimeout(timer);
    };
  }, [plan, rounds]);
  return found;
}
