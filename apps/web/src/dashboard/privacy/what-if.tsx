// What if: another noise, another sampling rate, more or fewer rounds. The plan of this run does not change; the answer is the accountant's for
// a plan that differs in just this.
import type { Plan } from '@sumus/federation/plan';
import type { JSX } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { epsilon, percent, short } from '../figures.ts';
import { usePrice } from './use-price.ts';

const words = dashboard.privacy.whatIf;

interface Changed {
  /** Factor on the plan's own. */
  readonly noise: number;
  readonly rate: number | null;
  readonly rounds: number;
}

export function WhatIf({ plan }: { readonly plan: Plan }): JSX.Element | null {
  const rate = plan.batching.sampling.kind === 'poisson' ? plan.batching.sampling.rate : null;
  const [changed, setChanged] = useState<Changed>({ noise: 1, rate, rounds: plan.stopping.rounds });
  const bent = useMemo(() => bend(plan, changed), [plan, changed]);
  const found = usePrice(bent, changed.rounds);
  const { privacy } = plan;
  if (privacy.kind !== 'central' && privacy.kind !== 'local') return null;
  const isOver = found !== null && found > privacy.epsilonAtMost;
  return (
    <fieldset class="card">
      <legend>{words.title}</legend>
      <Slider
        name={words.noise}
        value={Math.log2(changed.noise)}
        from={-2}
        to={2}
        step={0.05}
        shown={short(privacy.noiseMultiplier * changed.noise)}
        change={(value) => setChanged({ ...changed, noise: 2 ** value })}
      />
      {changed.rate !== null && (
        <Slider
          name={words.rate}
          value={Math.log10(changed.rate)}
          from={-4}
          to={0}
          step={0.02}
          shown={percent(changed.rate)}
          change={(value) => setChanged({ ...changed, rate: 10 ** value })}
        />
      )}
      <Slider
        name={words.rounds}
        value={changed.rounds}
        from={1}
        to={Math.max(10, 2 * plan.stopping.rounds)}
        step={1}
        shown={String(changed.rounds)}
        change={(value) => setChanged({ ...changed, rounds: value })}
      />
      <output class={isOver ? 'alarm' : ''} aria-live="polite">
        {found === null ? words.computing : words.answer(epsilon(found), privacy.delta, isOver)}
      </output>
    </fieldset>
  );
}

/** A plan that differs in noise, sampling and rounds. */
export function bend(plan: Plan, { noise, rate, rounds }: Changed): Plan {
  const { privacy, batching } = plan;
  if (privacy.kind !== 'central' && privacy.kind !== 'local') return plan;
  const isSampled = rate !== null && batching.sampling.kind === 'poisson';
  return {
    ...plan,
    privacy: { ...privacy, noiseMultiplier: privacy.noiseMultiplier * noise },
    batching: isSampled ? { ...batching, sampling: { ...batching.sampling, kind: 'poisson', rate } } : batching,
    stopping: { ...plan.stopping, rounds },
  };
}

interface SliderProps {
  readonly name: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly shown: string;
  readonly change: (value: number) => void;
}

function Slider({ name, value, from, to, step, shown, change }: SliderProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        {name}: <strong>{shown}</strong>
      </label>
      <input
        id={id}
        type="range"
        min={from}
        max={to}
        step={step}
        value={value}
        aria-valuetext={shown}
        onInput={({ currentTarget }) => change(Number(currentTarget.value))}
      />
    </div>
  );
}
