// What the run costs in privacy: spent so far, where it is going, and what another noise or another share of the data would have cost. Every ε
// is the accountant's, rounded up.
import type { Plan } from '@sumus/federation/plan';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { LineChart, type Point } from '../charts/line-chart.tsx';
import { epsilon } from '../figures.ts';
import { Part } from '../part.tsx';
import { releasedCount, summary } from '../run-on-show.ts';
import { askAccountant } from './accountant.ts';
import type { PricedRounds } from './accountant-messages.ts';
import { OwnLedgerReader } from './own-ledger.tsx';
import { usePrice } from './use-price.ts';
import { WhatIf } from './what-if.tsx';

const words = dashboard.privacy;

export function PrivacyPart(): JSX.Element | null {
  const run = summary.value;
  if (run === null) return null;
  const { plan } = run.plan;
  const isSpent = run.end?.why === 'the budget is spent';
  return (
    <Part name="privacy" title={words.title} lead={words.lead}>
      {isSpent && (
        <p class="note alarm" role="status">
          <strong>{words.stopped}</strong> {run.end?.text}
        </p>
      )}
      {plan.privacy.kind === 'none' ? (
        <p class="note alarm">{words.none(plan.privacy.reason)}</p>
      ) : (
        <Promised key={run.plan.id} plan={plan} id={run.plan.id} />
      )}
      <OwnLedgerReader delta={plan.privacy.kind === 'none' ? 1e-6 : plan.privacy.delta} />
    </Part>
  );
}

/** What was priced, by rounds; asked for once a plan. */
function Promised({ plan, id }: { readonly plan: Plan; readonly id: string }): JSX.Element | null {
  const [curve, setCurve] = useState<readonly PricedRounds[]>([]);
  const [sentences, setSentences] = useState<readonly string[]>([]);
  const released = releasedCount.value;
  const { rounds } = plan.stopping;
  useEffect(() => {
    let isOn = true;
    const price = async (): Promise<void> => {
      for (const one of pricedAt(rounds)) {
        const found = await askAccountant<'price'>({ kind: 'price', plan, rounds: one });
        if (!isOn) return;
        setCurve((before) => [...before, found].sort((a, b) => a.rounds - b.rounds));
      }
      const { privacy } = await askAccountant<'explain'>({ kind: 'explain', plan });
      if (isOn) setSentences(privacy.sentences);
    };
    price().catch(() => undefined);
    return () => {
      isOn = false;
    };
  }, [id]);
  const spent = usePrice(plan, released);
  if (plan.privacy.kind === 'none') return null;
  const { epsilonAtMost, delta, unit, adjacency } = plan.privacy;
  const points = curve.flatMap(({ rounds: x, epsilon: y }): Point[] => (y === null ? [] : [{ x, y }]));
  const forecast = curve.find((one) => one.rounds === rounds)?.epsilon ?? null;
  const isOver = forecast !== null && forecast > epsilonAtMost;
  const known = points.filter(({ x }) => x <= released);
  const share = spent === null ? 0 : Math.min(1, spent / epsilonAtMost);
  return (
    <div class="columns wide-first">
      <div class="stack">
        <dl class="facts">
          <div>
            <dt>{words.spent}</dt>
            <dd class={share >= 1 ? 'alarm' : ''}>{spent === null ? '…' : `ε ≤ ${epsilon(spent)}`}</dd>
          </div>
          <div>
            <dt>{words.atMost}</dt>
            <dd>{`ε = ${epsilonAtMost}`}</dd>
          </div>
          <div>
            <dt>{words.delta}</dt>
            <dd>{`δ = ${delta}`}</dd>
          </div>
          <div>
            <dt>{words.forecast(rounds)}</dt>
            <dd class={isOver ? 'alarm' : ''}>{forecast === null ? '…' : `ε ≤ ${epsilon(forecast)}`}</dd>
          </div>
          <div>
            <dt>{words.unit}</dt>
            <dd>{words.units[unit]}</dd>
          </div>
          <div>
            <dt>{words.neighbours}</dt>
            <dd>{adjacency}</dd>
          </div>
        </dl>
        <meter
          class={share >= 1 ? 'spent alarm' : 'spent'}
          aria-label={words.spent}
          min={0}
          max={epsilonAtMost}
          value={spent ?? 0}
        >
          {spent === null ? '' : epsilon(spent)}
        </meter>
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        <WhatIf key={id} plan={plan} />
      </div>
      <LineChart
        title={words.curve}
        xName={dashboard.charts.round}
        yFrom={0}
        limit={{ y: epsilonAtMost, name: words.limit(epsilonAtMost) }}
        mark={released}
        format={(value) => epsilon(value)}
        lines={[
          { name: words.forecastLine, kind: 'other', points },
          ...(spent === null
            ? []
            : [{ name: words.spentLine, kind: 'own' as const, points: [...known, { x: released, y: spent }] }]),
        ]}
      />
    </div>
  );
}

/** The end first, then as many as draw a smooth curve. */
function pricedAt(rounds: number): readonly number[] {
  const shares = [1, 0.5, 0.25, 0.1, 0.02, 0.75, 0];
  return [...new Set([...shares.map((share) => Math.round(share * rounds)), Math.min(1, rounds)])];
}
