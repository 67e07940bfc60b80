// The four attacks: a table of what came out exactly, and below it each attack with its pictures, setting by setting.
import type { AttackName } from '@sumus/attacks/trial';
import type { JSX } from 'preact';
import { lab as words } from '../words/english/lab.ts';
import type { TrialShown } from './lab-messages.ts';
import { attackAll, outcomes, running, stop } from './lab-state.ts';
import { Picture } from './picture.tsx';
import { attackNames, type SettingName, settingNames } from './settings.ts';

export function Overview(): JSX.Element {
  return (
    <section class="part" aria-labelledby="overview">
      <h2 id="overview">{words.overview.title}</h2>
      <div class="row">
        <button type="button" class="button primary" disabled={running.value !== null} onClick={() => void attackAll()}>
          {words.runAll}
        </button>
        <Progress of={attackNames} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard. */}
      <section class="scroll" tabIndex={0} aria-label={words.overview.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.overview.attack}</th>
              {settingNames.map((setting) => (
                <th key={setting} scope="col">
                  {words.settings[setting]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {attackNames.map((attack) => (
              <tr key={attack}>
                <th scope="row">
                  <a href={`#${attack}`}>{words.attacks[attack].title}</a>
                </th>
                {settingNames.map((setting) => (
                  <td key={setting}>{exactly(outcomes.value[attack]?.[setting])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="soft small">{words.overview.caption}</p>
      <p class="note small">{words.promise}</p>
    </section>
  );
}

const exactly = (found: TrialShown | undefined): string =>
  found === undefined ? words.overview.none : words.percent(found.exactShare);

export function Attack({ name }: { readonly name: AttackName }): JSX.Element {
  return (
    <section class="part" aria-labelledby={name}>
      <h2 id={name}>{words.attacks[name].title}</h2>
      <p>{words.attacks[name].text}</p>
      <div class="row">
        <button type="button" class="button" disabled={running.value !== null} onClick={() => void attackAll([name])}>
          {words.run}
          <span class="unseen">: {words.attacks[name].title}</span>
        </button>
        <Progress of={[name]} />
      </div>
      <ul class="lab-settings">
        {settingNames.map((setting) => (
          <Setting key={setting} name={setting} found={outcomes.value[name]?.[setting]} />
        ))}
      </ul>
      <p class="soft small">{words.cell.above}</p>
    </section>
  );
}

function Setting({ name, found }: { readonly name: SettingName; readonly found: TrialShown | undefined }): JSX.Element {
  return (
    <li class="lab-setting">
      <h3>{words.settings[name]}</h3>
      <p class="soft small">{words.about[name]}</p>
      {found === undefined ? (
        <div class="lab-waiting soft small">{words.cell.waiting}</div>
      ) : (
        <>
          <div class={found.pairs.length === 1 ? 'lab-pairs lab-few' : 'lab-pairs'}>
            {found.pairs.map(({ truth }, i) => (
              <Picture key={`truth-${i}`} values={truth} title={words.cell.truth(i + 1)} />
            ))}
          </div>
          <div class={found.pairs.length === 1 ? 'lab-pairs lab-few' : 'lab-pairs'}>
            {found.pairs.map((pair, i) => (
              <Picture
                key={`found-${i}`}
                values={pair.found}
                title={pair.found === undefined ? words.cell.nothing(i + 1) : words.cell.found(i + 1, pair.ssim)}
              />
            ))}
          </div>
          <p class="small">{words.cell.result(found.exactShare, found.pictures, found.meanSsim)}</p>
        </>
      )}
    </li>
  );
}

/** How far what runs is, and how to end it; nothing where something else runs, or nothing does. */
export function Progress({ of }: { readonly of: readonly string[] }): JSX.Element | null {
  const now = running.value;
  if (now === null || !of.includes(now.what)) return null;
  return (
    <>
      <progress max={1} value={now.share} aria-label={words.run} />
      <button type="button" class="button" onClick={stop}>
        {words.stop}
      </button>
    </>
  );
}
