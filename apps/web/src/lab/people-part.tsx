// What is not about one update: whether a person was among those whom a model learnt from, and what an insider makes of the model.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { CLASSES } from '../digits/digits.ts';
import { lab as words } from '../words/english/lab.ts';
import { Progress } from './inversion-part.tsx';
import type { InsiderShown, MembershipShown } from './lab-messages.ts';
import { attackAsInsider, attackMembership, insider, membership, running } from './lab-state.ts';
import { Picture } from './picture.tsx';

export function MembershipPart(): JSX.Element {
  const all = membership.value;
  return (
    <section class="part" aria-labelledby="membership">
      <h2 id="membership">{words.membership.title}</h2>
      <p>{words.membership.text}</p>
      <div class="row">
        <button type="button" class="button" disabled={running.value !== null} onClick={() => void attackMembership()}>
          {words.membership.run}
        </button>
        <Progress of={['membership']} />
      </div>
      {all.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard.
        <section class="scroll" tabIndex={0} aria-label={words.membership.title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.membership.setting}</th>
                {all[0]?.rates.map(({ falsePositiveRate }) => (
                  <th key={falsePositiveRate} scope="col">
                    {words.membership.at(falsePositiveRate)}
                  </th>
                ))}
                <th scope="col">{words.membership.area}</th>
                <th scope="col">{words.membership.accuracy}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <tr key={one.epsilon ?? 0}>
                  <th scope="row">{trainingOf(one)}</th>
                  {one.rates.map(({ falsePositiveRate, truePositiveRate }) => (
                    <td key={falsePositiveRate}>{words.percent(truePositiveRate)}</td>
                  ))}
                  <td>{one.areaUnderRates.toFixed(3)}</td>
                  <td>
                    {words.percent(one.seenAccuracy)}, {words.percent(one.unseenAccuracy)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p class="soft small">{words.membership.note}</p>
    </section>
  );
}

/** An ε is shown rounded up. */
const trainingOf = ({ epsilon, delta }: MembershipShown): string =>
  epsilon === undefined
    ? words.membership.plain
    : words.membership.noisy((Math.ceil(epsilon * 100) / 100).toFixed(2), delta);

/** The insider shows its pictures as one of these, which nobody else has. */
const DECOY = 9;

export function InsiderPart(): JSX.Element {
  const [target, setTarget] = useState(3);
  const all = insider.value;
  return (
    <section class="part" aria-labelledby="insider">
      <h2 id="insider">{words.insider.title}</h2>
      <p>{words.insider.text}</p>
      <div class="row">
        <div class="field">
          <label for="insider-target">{words.insider.target}</label>
          <select
            id="insider-target"
            value={target}
            onChange={({ currentTarget }) => setTarget(Number(currentTarget.value))}
          >
            {Array.from({ length: CLASSES }, (_, digit) => digit)
              .filter((digit) => digit !== DECOY)
              .map((digit) => (
                <option key={digit} value={digit}>
                  {digit}
                </option>
              ))}
          </select>
        </div>
        <button
          type="button"
          class="button"
          disabled={running.value !== null}
          onClick={() => void attackAsInsider(target)}
        >
          {words.insider.run}
        </button>
        <Progress of={['insider']} />
      </div>
      <div class="columns">
        {all.map((one, i) => (
          <InsiderOutcome
            key={i === 0 ? 'plain' : 'noisy'}
            title={i === 0 ? words.insider.plain : words.insider.noisy}
            of={one}
            target={target}
          />
        ))}
      </div>
      <p class="note small">{words.insider.note}</p>
    </section>
  );
}

interface InsiderOutcomeProps {
  readonly title: string;
  readonly of: InsiderShown;
  readonly target: number;
}

function InsiderOutcome({ title, of, target }: InsiderOutcomeProps): JSX.Element {
  return (
    <div class="stack">
      <h3>{title}</h3>
      <div class="lab-strip">
        {of.real.map((values, i) => (
          <Picture key={`real-${i}`} values={values} title={words.insider.real(i + 1)} />
        ))}
      </div>
      <div class="lab-strip">
        {of.made.map((values, i) => (
          <Picture key={`made-${i}`} values={values} title={words.insider.made(i + 1)} />
        ))}
      </div>
      <p class="small">{words.insider.result(of.nearestClass, target, of.correlation)}</p>
      <p class="small soft">{words.insider.accuracy(of.targetAccuracy, of.otherAccuracy)}</p>
    </div>
  );
}
