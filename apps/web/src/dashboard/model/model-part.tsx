// What the model came to, round by round: the metrics that were summed, beside another run and what is known from elsewhere. A band is drawn
// where a run sums squares as well; no plan does that yet, and none is invented.
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { type Line, LineChart, type Point } from '../charts/line-chart.tsx';
import { bytes, count, fingerprint, percent, short } from '../figures.ts';
import { LogClient } from '../history/log-client.ts';
import type { RoundRow, RunSummary } from '../history/summary.ts';
import { Part } from '../part.tsx';
import { goTo, releasedSoFar, summary } from '../run-on-show.ts';
import { Checkpoints } from './checkpoints.tsx';

const words = dashboard.model;

export function ModelPart(): JSX.Element | null {
  const [others, setOthers] = useState<readonly RunSummary[]>([]);
  const [known, setKnown] = useState<{ readonly standalone: number | null; readonly centralised: number | null }>({
    standalone: null,
    centralised: null,
  });
  const run = summary.value;
  if (run === null) return null;
  const released = releasedSoFar.value;
  const names = new Set(run.rounds.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
  const shown = (['accuracy', 'loss'] as const).filter((name) => names.has(name));
  const last = released.at(-1);
  return (
    <Part name="model" title={words.title} lead={words.lead}>
      <dl class="facts">
        <div>
          <dt>{words.parameters}</dt>
          <dd>{count(run.plan.plan.model.parameterCount)}</dd>
        </div>
        <div>
          <dt>{words.released}</dt>
          <dd>{`${released.length} / ${run.plan.plan.stopping.rounds}`}</dd>
        </div>
        {last !== undefined && (
          <div>
            <dt>{words.newest}</dt>
            <dd class="code">{fingerprint(last.modelHash ?? '')}</dd>
          </div>
        )}
        {last?.model != null && (
          <div>
            <dt>{words.size}</dt>
            <dd>{bytes(last.model.bytes)}</dd>
          </div>
        )}
      </dl>
      {shown.length === 0 && <p class="note">{words.noMetrics}</p>}
      <div class="columns">
        {shown.map((name) => (
          <LineChart
            key={name}
            title={words.metrics[name]}
            xName={dashboard.charts.round}
            format={name === 'accuracy' ? percent : short}
            lines={[
              { name: words.thisRun, kind: 'own', points: pointsOf(released, name) },
              ...others.map(
                (other): Line => ({ name: other.runId, kind: 'other', points: pointsOf(other.rounds, name) }),
              ),
              ...(name === 'accuracy' ? knownLines(known, run.rounds.length) : []),
            ]}
          />
        ))}
      </div>
      {shown.length > 0 && <p class="small soft">{words.noBand}</p>}
      <details>
        <summary>{words.compare}</summary>
        <div class="columns inside">
          <OtherRun add={(one) => setOthers([...others, one])} />
          <Known name={words.standalone} change={(standalone) => setKnown({ ...known, standalone })} />
          <Known name={words.centralised} change={(centralised) => setKnown({ ...known, centralised })} />
        </div>
      </details>
      <Checkpoints rows={released} show={(one) => goTo(one.to)} />
    </Part>
  );
}

const pointsOf = (rows: readonly RoundRow[], name: string): readonly Point[] =>
  rows.flatMap(({ version, metrics }) => {
    const found = metrics.find((metric) => metric.name === name);
    return found === undefined ? [] : [{ x: version + 1, y: found.value }];
  });

const knownLines = (
  known: { readonly standalone: number | null; readonly centralised: number | null },
  rounds: number,
): readonly Line[] =>
  (['standalone', 'centralised'] as const).flatMap((name): Line[] => {
    const y = known[name];
    return y === null
      ? []
      : [
          {
            name: words[name],
            kind: 'known',
            points: [
              { x: 0, y },
              { x: rounds, y },
            ],
          },
        ];
  });

function OtherRun({ add }: { readonly add: (run: RunSummary) => void }): JSX.Element {
  const id = useId();
  const [trouble, setTrouble] = useState<string | null>(null);
  const read = (file: File | undefined): void => {
    if (file === undefined) return;
    const other = new LogClient({
      summary: ({ summary: told, isWhole }) => {
        if (isWhole) add(told);
      },
      damage: setTrouble,
      failed: setTrouble,
    });
    other.open({ kind: 'file', file, name: file.name });
  };
  return (
    <div class="field">
      <label for={id}>{words.other}</label>
      <input id={id} type="file" onChange={({ currentTarget }) => read(currentTarget.files?.[0])} />
      {trouble !== null && <p class="alarm small">{trouble}</p>}
    </div>
  );
}

function Known({
  name,
  change,
}: {
  readonly name: string;
  readonly change: (value: number | null) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{`${name} (%)`}</label>
      <input
        id={id}
        type="number"
        min="0"
        max="100"
        step="0.1"
        onInput={({ currentTarget: { value } }) => change(value === '' ? null : Number(value) / 100)}
      />
    </div>
  );
}
