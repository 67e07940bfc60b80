// The page of a participant in a browser: by a link, from what will run to the receipts. What takes part and what trains are workers.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mountPage } from '../shell/shell.tsx';
import { join as words } from '../words/english/join.ts';
import { shell } from '../words/english/shell.ts';
import { DataPart } from './data-part.tsx';
import { InvitationPart } from './invitation-part.tsx';
import { invitation, openInvitation, stage, trouble, unreachable } from './join-state.ts';
import { ConsentPart, PapersPart, StatusPart } from './taking-part.tsx';

function Join(): JSX.Element {
  const known = invitation.value;
  const now = stage.value;
  const isUnder = now === 'taking part' || now === 'paused' || now === 'ended';
  return (
    <div class="stack">
      <h1>{shell.join}</h1>
      <p class="lead">{words.lead}</p>
      {trouble.value !== null && (
        <p class="note alarm" role="alert">
          {trouble.value}
        </p>
      )}
      {unreachable.value !== null && <p class="note">{words.unreachable(unreachable.value)}</p>}
      {now === 'opening' && <p role="status">{words.opening}</p>}
      {now === 'no invitation' && <LinkPart />}
      {known !== null && isUnder && <StatusPart />}
      {known !== null && isUnder && <PapersPart />}
      {known !== null && (now === 'invited' || isUnder) && <InvitationPart of={known} />}
      {known !== null && (now === 'invited' || now === 'paused') && <DataPart />}
      {known !== null && now === 'invited' && <ConsentPart />}
      <TrustPart />
    </div>
  );
}

function LinkPart(): JSX.Element {
  const [text, setText] = useState('');
  return (
    <section class="part" aria-labelledby="link">
      <h2 id="link">{words.link.title}</h2>
      <p>{words.link.text}</p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') openInvitation(text.trim());
        }}
      >
        <div class="field join-link">
          <label for="invitation">{words.link.label}</label>
          <input
            id="invitation"
            type="text"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </div>
        <button type="submit" class="button primary">
          {words.link.open}
        </button>
      </form>
    </section>
  );
}

/** Whether the page came from somebody else than the server of the invitation. */
const isServedByOther = (): boolean =>
  invitation.value !== null && new URL(invitation.value.server).origin !== location.origin;

function TrustPart(): JSX.Element {
  return (
    <section class="part" aria-labelledby="trust">
      <h2 id="trust">{words.trust.title}</h2>
      <p>{isServedByOther() ? words.trust.served : words.trust.text}</p>
      <ul class="join-sentences">
        {words.trust.ways.map((way) => (
          <li key={way}>{way}</li>
        ))}
      </ul>
      <p>
        <a href="./files.json">{words.trust.page}</a>
      </p>
    </section>
  );
}

/**
 * The invitation in the address bar, if any. It is taken out of it: it holds a secret, and addresses are remembered and shown. A place in this
 * page, as its link past the top has it, is none.
 */
function linkInAddress(): string | null {
  const { hash, origin, pathname } = location;
  if (hash.length < 2 || document.getElementById(hash.slice(1)) !== null) return null;
  history.replaceState(null, '', pathname);
  return `${origin}${pathname.replace(/\/(join|join\.html)$/, '')}/join${hash}`;
}

mountPage('join', <Join />);
openInvitation(linkInAddress());
// Pasted into the address bar of the page that is open already: no page is loaded, and the secret would stay there.
addEventListener('hashchange', () => {
  const link = linkInAddress();
  if (link === null) return;
  if (stage.value === 'taking part') trouble.value = words.link.busy;
  else openInvitation(link);
});
