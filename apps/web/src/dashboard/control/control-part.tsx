// What the owner of a run may do: start, pause, go on, stop, remove, invite. Every action is asked for twice, signed by the owner's key, and
// written down by the coordinator before it has an effect.
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { KeyField } from '../live/live-runs.tsx';
import { asker, door, followed } from '../live/session.ts';
import { Part } from '../part.tsx';
import { summary } from '../run-on-show.ts';
import { Confirmed } from './confirmed.tsx';
import { Invite } from './invite.tsx';

const words = dashboard.control;

export function ControlPart(): JSX.Element {
  const run = summary.value;
  const isHere = door.value != null && followed.value !== null;
  const isOwner = run !== null && asker.value === run.plan.signedBy;
  return (
    <Part name="control" title={words.title} lead={words.lead}>
      {!isHere ? <p class="soft">{words.notHere}</p> : isOwner ? <Actions /> : <BecomeOwner />}
    </Part>
  );
}

function BecomeOwner(): JSX.Element {
  const [trouble, setTrouble] = useState<string | null>(null);
  return (
    <div class="stack">
      <p class="soft">{asker.value === null ? words.notOwner : words.otherKey}</p>
      <KeyField failed={setTrouble} />
      {trouble !== null && <p class="alarm">{trouble}</p>}
    </div>
  );
}

function Actions(): JSX.Element | null {
  const [member, setMember] = useState('');
  const id = useId();
  const run = summary.value;
  const at = door.value;
  if (run === null || at == null) return null;
  if (run.end !== null) return <p class="soft">{words.over}</p>;
  const { runId, members } = run;
  return (
    <div class="stack">
      <div class="row">
        {run.phase === 'joining' && (
          <Confirmed name={words.start.name} what={words.start.what} act={() => at.say('start', runId, {})} />
        )}
        <Confirmed name={words.pause.name} what={words.pause.what} act={() => at.say('pause', runId, {})} />
        <Confirmed name={words.resume.name} what={words.resume.what} act={() => at.say('resume', runId, {})} />
        <Confirmed
          name={words.stop.name}
          what={words.stop.what}
          asksReason
          isDanger
          act={(reason) => at.say('stop', runId, { reason })}
        />
      </div>
      {members.length > 0 && (
        <div class="row bottom">
          <div class="field">
            <label for={id}>{words.member}</label>
            <select id={id} value={member} onChange={({ currentTarget }) => setMember(currentTarget.value)}>
              <option value="">–</option>
              {members.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </div>
          {member !== '' && (
            <Confirmed
              name={words.remove.name(member)}
              what={words.remove.what}
              asksReason
              isDanger
              act={(reason) => at.say('remove', runId, { member, reason })}
            />
          )}
        </div>
      )}
      <Invite />
    </div>
  );
}
