// An action that asks before it is done: what it does in a sentence, a reason where one is kept, and what came of it.
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { textOf } from '../live/live-runs.tsx';

const words = dashboard.control.confirm;

export interface ConfirmedProps {
  readonly name: string;
  readonly what: string;
  readonly asksReason?: boolean;
  readonly isDanger?: boolean;
  readonly act: (reason: string) => Promise<void>;
}

export function Confirmed({ name, what, asksReason = false, isDanger = false, act }: ConfirmedProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);
  const [title, field] = [useId(), useId()];
  const confirm = (): void => {
    setTrouble(null);
    act(reason).then(
      () => dialog.current?.close(),
      (cause: unknown) => setTrouble(textOf(cause)),
    );
  };
  return (
    <>
      <button type="button" class={isDanger ? 'button danger' : 'button'} onClick={() => dialog.current?.showModal()}>
        {name}
      </button>
      <dialog ref={dialog} aria-labelledby={title}>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            confirm();
          }}
        >
          <h3 id={title}>{name}</h3>
          <p>{what}</p>
          {asksReason && (
            <div class="field">
              <label for={field}>{words.reason}</label>
              <input
                id={field}
                value={reason}
                required
                maxLength={500}
                onInput={({ currentTarget }) => setReason(currentTarget.value)}
              />
            </div>
          )}
          {trouble !== null && (
            <p class="alarm" role="alert">
              {trouble}
            </p>
          )}
          <div class="row">
            <button type="submit" class={isDanger ? 'button danger' : 'button primary'}>
              {words.yes(name)}
            </button>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              {words.no}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
