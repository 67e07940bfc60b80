// A run from a form: what is written is explained and priced while it is written, by the code that will hold the run to it; then signed and created.
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { bytes, epsilon } from '../figures.ts';
import { KeyField, textOf } from '../live/live-runs.tsx';
import { authorityKey, door, followRun, ownKey, takeAuthority } from '../live/session.ts';
import { askAccountant } from '../privacy/accountant.ts';
import type { Draft, DraftOptions } from '../privacy/accountant-messages.ts';
import { Confirmed } from './confirmed.tsx';

const words = dashboard.control.create;
const DAY_MS = 86_400_000;
const NOBODY = '00'.repeat(32);

type Written = Omit<DraftOptions, 'authority' | 'endsAtMs' | 'reason' | 'loss'> & { readonly days: number };

const usual: Written = {
  name: 'digits',
  purpose: words.usualPurpose,
  model: 'logistic',
  protection: 'one-shot',
  minimumContributors: 5,
  maximumContributors: 20,
  rounds: 20,
  epsilon: 8,
  delta: 1e-5,
  unit: 'record',
  batchSize: 64,
  learningRate: 1,
  minimumUnits: 100,
  days: 7,
};

export function CreateForm(): JSX.Element {
  const [written, setWritten] = useState(usual);
  const [draft, setDraft] = useState<Draft | string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const authority = authorityKey.value;
  const key = useId();
  useEffect(() => {
    let isOn = true;
    const timer = setTimeout(() => {
      setDraft(null);
      askAccountant<'draft'>({ kind: 'draft', options: optionsOf(written, authority?.publicKey) }).then(
        (found) => isOn && setDraft(found),
        (cause: unknown) => isOn && setDraft(textOf(cause)),
      );
    }, 400);
    return () => {
      isOn = false;
      clearTimeout(timer);
    };
  }, [written, authority]);
  const create = async (): Promise<void> => {
    const [at, owner] = [door.value, ownKey.value];
    if (at == null || owner === null || authority === null) throw new RangeError(words.needsKeys);
    if (draft === null || typeof draft === 'string' || draft.kind !== 'plan') throw new RangeError(words.needsPlan);
    const { createRunAt } = await import('./create-run.ts');
    const runId = `${written.name}-${Date.now().toString(36)}`;
    await createRunAt(at, { runId, projectId: written.name, plan: draft.plan, owner, authority });
    followRun(runId).catch((cause: unknown) => setTrouble(textOf(cause)));
  };
  const set = (change: Partial<Written>): void => setWritten({ ...written, ...change });
  return (
    <div class="columns">
      <div class="stack">
        <KeyField failed={setTrouble} />
        <div class="field">
          <label for={key}>{words.authority}</label>
          <input
            id={key}
            type="file"
            onChange={({ currentTarget }) => {
              currentTarget.files?.[0]
                ?.text()
                .then(takeAuthority)
                .catch((cause: unknown) => setTrouble(textOf(cause)));
            }}
          />
        </div>
        <TextField name={words.name} value={written.name} change={(name) => set({ name })} />
        <TextField name={words.purpose} value={written.purpose} change={(purpose) => set({ purpose })} />
        <Choice
          name={words.model}
          value={written.model}
          among={['logistic', 'mlp', 'lenet']}
          change={(model) => set({ model })}
        />
        <Choice
          name={words.protection}
          value={written.protection}
          among={['mask', 'one-shot', 'threshold']}
          change={(protection) => set({ protection })}
        />
        <div class="columns narrow">
          {(['minimumContributors', 'maximumContributors', 'rounds', 'batchSize', 'minimumUnits', 'days'] as const).map(
            (one) => (
              <NumberField
                key={one}
                name={words.numbers[one]}
                value={written[one]}
                change={(value) => set({ [one]: Math.round(value) })}
              />
            ),
          )}
          <NumberField
            name={words.numbers.epsilon}
            value={written.epsilon ?? 0}
            change={(value) => set({ epsilon: value > 0 ? value : null })}
          />
          <NumberField name={words.numbers.delta} value={written.delta} change={(delta) => set({ delta })} />
          <NumberField
            name={words.numbers.learningRate}
            value={written.learningRate}
            change={(learningRate) => set({ learningRate })}
          />
        </div>
        <Choice
          name={words.unit}
          value={written.unit}
          among={['record', 'participant']}
          change={(unit) => set({ unit })}
        />
      </div>
      <div class="stack" aria-live="polite">
        <Explained draft={draft} />
        <Confirmed name={words.create} what={words.what} act={create} />
        {trouble !== null && <p class="alarm">{trouble}</p>}
      </div>
    </div>
  );
}

function optionsOf({ days, ...rest }: Written, authority: Uint8Array | undefined): DraftOptions {
  return {
    ...rest,
    loss: 'crossEntropy',
    reason: words.noPrivacyReason,
    authority:
      authority === undefined ? NOBODY : [...authority].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    // To the hour, so that one form gives one plan for a while.
    endsAtMs: Math.ceil(Date.now() / 3_600_000) * 3_600_000 + days * DAY_MS,
  };
}

function Explained({ draft }: { readonly draft: Draft | string | null }): JSX.Element {
  if (draft === null) return <p class="soft">{words.computing}</p>;
  if (typeof draft === 'string') return <p class="alarm">{draft}</p>;
  if (draft.kind === 'problems') {
    return (
      <ul class="plain alarm">
        {draft.problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    );
  }
  const { privacy, bytes: weight, run, server, warnings } = draft.explanation;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{words.cost}</dt>
          <dd>{privacy.epsilon === null ? words.noEpsilon : `ε ≤ ${epsilon(privacy.epsilon)}`}</dd>
        </div>
        <div>
          <dt>{words.up}</dt>
          <dd>{bytes(weight.up)}</dd>
        </div>
        <div>
          <dt>{words.down}</dt>
          <dd>{bytes(weight.down)}</dd>
        </div>
      </dl>
      {[...run, ...privacy.sentences, ...server, ...warnings].map((sentence) => (
        <p key={sentence} class="small">
          {sentence}
        </p>
      ))}
    </>
  );
}

interface FieldProps<T> {
  readonly name: string;
  readonly value: T;
  readonly change: (value: T) => void;
}

function TextField({ name, value, change }: FieldProps<string>): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <input id={id} value={value} onInput={({ currentTarget }) => change(currentTarget.value)} />
    </div>
  );
}

function NumberField({ name, value, change }: FieldProps<number>): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <input
        id={id}
        type="number"
        step="any"
        min="0"
        value={value}
        onInput={({ currentTarget }) => change(Number(currentTarget.value))}
      />
    </div>
  );
}

function Choice<T extends string>(props: FieldProps<T> & { readonly among: readonly T[] }): JSX.Element {
  const { name, value, among, change } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => {
          const chosen = among.find((one) => one === currentTarget.value);
          if (chosen !== undefined) change(chosen);
        }}
      >
        {among.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </div>
  );
}
