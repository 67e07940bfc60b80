// What went over the wire, as the coordinator took it: by step of a round, by round, by participant; and what a plan shares of an update.
import type { JSX } from 'preact';
import { dashboard } from '../../words/english/dashboard.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { bytes, count, percent } from '../figures.ts';
import { steps } from '../history/codes.ts';
import { Part } from '../part.tsx';
import { openedSoFar, summary } from '../run-on-show.ts';
import { SelectionMap } from './selection-map.tsx';

const words = dashboard.traffic;
const MEMBERS_SHOWN = 12;
const FLOAT_BYTES = 4;

export function TrafficPart(): JSX.Element | null {
  const run = summary.value;
  if (run === null) return null;
  const rows = openedSoFar.value;
  const inAll = steps.map((_, at) => rows.reduce((all, row) => all + (row.bytes[at] ?? 0), 0));
  const total = inAll.reduce((all, one) => all + one, 0);
  const { sharing, model, protection, exchange } = run.plan.plan;
  const contributions = rows.reduce((all, { contributors }) => all + contributors, 0);
  const sealing = inAll[1] ?? 0;
  const plain = FLOAT_BYTES * model.parameterCount;
  const mean = contributions === 0 ? 0 : sealing / contributions;
  return (
    <Part name="traffic" title={words.title} lead={words.lead}>
      <dl class="facts">
        <div>
          <dt>{words.total}</dt>
          <dd>{bytes(total)}</dd>
        </div>
        <div>
          <dt>{words.eachUpdate}</dt>
          <dd>{contributions === 0 ? '–' : bytes(mean)}</dd>
        </div>
        {exchange.schedule !== 'one-round' && (
          <div>
            <dt>{words.plain}</dt>
            <dd>{bytes(plain)}</dd>
          </div>
        )}
        {contributions > 0 && exchange.schedule !== 'one-round' && (
          <div>
            <dt>{words.ratio}</dt>
            <dd>{`× ${(mean / plain).toFixed(2)}`}</dd>
          </div>
        )}
        <div>
          <dt>{words.shared}</dt>
          <dd>{percent(sharing.upload.fraction)}</dd>
        </div>
        <div>
          <dt>{words.protection}</dt>
          <dd>{protection.kind}</dd>
        </div>
      </dl>
      <div class="columns">
        <div class="stack">
          <h3>{words.bySteps}</h3>
          <Bars rows={steps.map((name, at) => ({ name: dashboard.steps[name], value: inAll[at] ?? 0 }))} />
        </div>
        <div class="stack">
          <h3>{words.byMember}</h3>
          <Bars rows={mostBytes(run.members, run.bytesOfMember)} />
          {run.members.length > MEMBERS_SHOWN && (
            <p class="small soft">{words.others(count(run.members.length - MEMBERS_SHOWN))}</p>
          )}
        </div>
        <LineChart
          title={words.byRound}
          xName={dashboard.charts.round}
          yFrom={0}
          format={bytes}
          lines={[
            {
              name: words.taken,
              kind: 'own',
              points: rows.map((row) => ({ x: row.round, y: row.bytes.reduce((all, one) => all + one, 0) })),
            },
          ]}
        />
      </div>
      <SelectionMap />
    </Part>
  );
}

function mostBytes(names: readonly string[], of: Float64Array): readonly { name: string; value: number }[] {
  return names
    .map((name, at) => ({ name, value: of[at] ?? 0 }))
    .sort((a, b) => b.value - a.value)
    .slice(0, MEMBERS_SHOWN);
}

function Bars({ rows }: { readonly rows: readonly { readonly name: string; readonly value: number }[] }): JSX.Element {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <ul class="plain bars">
      {rows.map(({ name, value }) => (
        <li key={name}>
          <span>{name}</span>
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${(100 * value) / most}%` }} />
          </span>
          <span class="number">{bytes(value)}</span>
        </li>
      ))}
    </ul>
  );
}
