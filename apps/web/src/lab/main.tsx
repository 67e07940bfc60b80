// The page of the inversion lab: real attacks, on the user's own picture or on digits, setting beside setting.
import type { JSX } from 'preact';
import { mountPage } from '../shell/shell.tsx';
import { lab as words } from '../words/english/lab.ts';
import { shell } from '../words/english/shell.ts';
import { Attack, Overview } from './inversion-part.tsx';
import { first, own, seed, showDigits, trouble, usePicture } from './lab-state.ts';
import { ownPicture } from './own-picture.ts';
import { InsiderPart, MembershipPart } from './people-part.tsx';
import { Picture } from './picture.tsx';
import { attackNames } from './settings.ts';

function Lab(): JSX.Element {
  return (
    <div class="stack">
      <h1>{shell.lab}</h1>
      <p class="lead">{words.lead}</p>
      <Pictures />
      {trouble.value !== null && (
        <p class="note alarm" role="alert">
          {trouble.value}
        </p>
      )}
      <Overview />
      {attackNames.map((name) => (
        <Attack key={name} name={name} />
      ))}
      <MembershipPart />
      <InsiderPart />
    </div>
  );
}

function Pictures(): JSX.Element {
  const mine = own.value;
  const shown = mine === null ? first.value : [mine, ...first.value.slice(1)];
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      usePicture(await ownPicture(file));
    } catch {
      // What is wrong with it the browser does not say.
      trouble.value = words.pictures.unreadable;
    }
  };
  return (
    <section class="part" aria-labelledby="pictures">
      <h2 id="pictures">{words.pictures.title}</h2>
      <p>{mine === null ? words.pictures.digits : words.pictures.own}</p>
      <div class="lab-strip">
        {shown.map((values, i) => (
          <Picture key={i} values={values} title={words.pictures.first(i + 1)} />
        ))}
      </div>
      <div class="row">
        <label class="button lab-own">
          {words.pictures.choose}
          <input
            type="file"
            accept="image/*"
            onChange={({ currentTarget }) => {
              void choose(currentTarget.files?.[0]);
              currentTarget.value = '';
            }}
          />
        </label>
        {mine !== null && (
          <button type="button" class="button" onClick={() => usePicture(null)}>
            {words.pictures.back}
          </button>
        )}
        <div class="field">
          <label for="lab-seed">{words.seed}</label>
          <input
            id="lab-seed"
            type="number"
            min={0}
            max={999}
            value={seed.value}
            onChange={({ currentTarget }) => {
              seed.value = Math.max(0, Math.floor(Number(currentTarget.value)) || 0);
            }}
          />
        </div>
      </div>
    </section>
  );
}

mountPage('lab', <Lab />);
void showDigits();
