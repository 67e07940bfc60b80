// Runs of the coordinator that serves this page: by name, where it shows them to anybody, or with a key.
import type { RunStatus } from '@sumus/wire/bodies';
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { fingerprint } from '../figures.ts';
import { asker, connect, connection, door, followRun, listRuns } from './session.ts';

const words = dashboard.live;

export function LiveRuns(): JSX.Element {
  const [run, setRun] = useState(new URLSearchParams(location.search).get('run') ?? '');
  const [runs, setRuns] = useState<readonly RunStatus[]>([]);
  const [trouble, setTrouble] = useState<string | null>(null);
  const name = useId();
  useEffect(() => {
    if (door.value === undefined) connect().catch(() => undefined);
  }, []);
  const start = (one: string): void => {
    const go = async (): Promise<void> => {
      if (door.value == null) await connect();
      await followRun(one);
    };
    go().catch((cause: unknown) => setTrouble(textOf(cause)));
  };
  const list = (): void => {
    listRuns().then(setRuns, (cause: unknown) => setTrouble(textOf(cause)));
  };
  if (door.value == null) return <p class="soft">{words.lead}</p>;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (run !== '') start(run);
      }}
    >
      <p class="small soft code">{words.server(fingerprint(door.value.info.coordinator))}</p>
      <div class="field">
        <label for={name}>{words.run}</label>
        <input
          id={name}
          value={run}
          autocomplete="off"
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
          onInput={({ currentTarget }) => setRun(currentTarget.value)}
        />
      </div>
      <KeyField failed={setTrouble} />
      <div class="row">
        <button type="submit" class="button primary">
          {words.follow}
        </button>
        {asker.value !== null && (
          <button type="button" class="button" onClick={list}>
            {words.list}
          </button>
        )}
      </div>
      {runs.map(({ runId, phase }) => (
        <button key={runId} type="button" class="button" onClick={() => start(runId)}>
          {`${runId}: ${phase}`}
        </button>
      ))}
      <p role="status" class="alarm small">
        {trouble ?? connection.value}
      </p>
    </form>
  );
}

/** A key for what is asked from now on. */
export function KeyField({ failed }: { readonly failed: (text: string | null) => void }): JSX.Element {
  const id = useId();
  const read = async (file: File | undefined): Promise<void> => {
    failed(null);
    if (file === undefined) return;
    try {
      await connect(await file.text());
    } catch (cause) {
      failed(textOf(cause));
    }
  };
  return (
    <div class="field">
      <label for={id}>{words.key}</label>
      <input
        id={id}
        type="file"
        onChange={({ currentTarget }) => {
          void read(currentTarget.files?.[0]);
        }}
      />
      <p class="small soft">{asker.value === null ? words.keyLead : words.keyLoaded(fingerprint(asker.value))}</p>
    </div>
  );
}

export const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
