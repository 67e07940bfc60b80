// Inviting from the page: a link for each participant, as text and as a QR code, and the answers to those who come with one.
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { textOf } from '../live/live-runs.tsx';
import { authorityKey, door, takeAuthority } from '../live/session.ts';
import { summary } from '../run-on-show.ts';
import type { InvitationDesk } from './invitations.ts';

const words = dashboard.control.invite;

export function Invite(): JSX.Element {
  const [member, setMember] = useState('');
  const [link, setLink] = useState<string | null>(null);
  const [told, setTold] = useState<readonly string[]>([]);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [name, key] = [useId(), useId()];
  const desk = useRef<InvitationDesk | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const invite = async (): Promise<void> => {
    const [at, run, authority] = [door.value, summary.value, authorityKey.value];
    if (at == null || run === null || authority === null) return;
    if (desk.current === null) {
      const { InvitationDesk: Desk } = await import('./invitations.ts');
      desk.current = new Desk(at, run, authority);
      stop.current = new AbortController();
      desk.current
        .keep(stop.current.signal, (text) => setTold((before) => [...before, text]))
        .catch((cause: unknown) => stop.current?.signal.aborted || setTrouble(textOf(cause)));
    }
    setLink(await desk.current.invite(member));
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        setTrouble(null);
        invite().catch((cause: unknown) => setTrouble(textOf(cause)));
      }}
    >
      <h3>{words.title}</h3>
      <p class="soft">{words.lead}</p>
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
      <div class="field">
        <label for={name}>{words.member}</label>
        <input
          id={name}
          value={member}
          required
          maxLength={64}
          autocomplete="off"
          onInput={({ currentTarget }) => setMember(currentTarget.value)}
        />
      </div>
      <div class="row">
        <button type="submit" class="button primary" disabled={authorityKey.value === null}>
          {words.make}
        </button>
      </div>
      {trouble !== null && <p class="alarm">{trouble}</p>}
      {link !== null && <Link link={link} />}
      <ul class="plain" aria-live="polite">
        {told.map((one) => (
          <li key={one}>{words.joined(one)}</li>
        ))}
      </ul>
    </form>
  );
}

function Link({ link }: { readonly link: string }): JSX.Element {
  const [Picture, setPicture] = useState<((props: { text: string; label: string }) => JSX.Element) | null>(null);
  useEffect(() => {
    import('./qr-picture.tsx').then(
      ({ QrPicture }) => setPicture(() => QrPicture),
      () => undefined,
    );
  }, []);
  return (
    <div class="stack">
      <p class="code small">{link}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => void navigator.clipboard.writeText(link)}>
          {words.copy}
        </button>
      </div>
      {Picture !== null && <Picture text={link} label={words.qr} />}
      <p class="small soft">{words.secret}</p>
    </div>
  );
}
