// How a table is read: the first rows, and which column is what. Where the plan says it, only the person is left to name.
import type { JSX } from 'preact';
import { join as words } from '../words/english/join.ts';
import type { Mapping, Scaling } from './data/table-examples.ts';
import { useMapping } from './join-state.ts';
import type { FromTraining } from './training/training-messages.ts';

type TableShown = Extract<FromTraining, { kind: 'table' }>;
const scalings: readonly Scaling[] = ['standardise', 'divide by 255', 'as they are'];

export function MappingPart({ of }: { readonly of: TableShown }): JSX.Element {
  const { look, mapping, isPlanned } = of;
  const change = (part: Partial<Mapping>): void => {
    const next = { ...mapping, ...part };
    const looked = next.looked.filter((name) => name !== next.answer && name !== next.person);
    useMapping({ ...next, looked: isPlanned ? next.looked : looked });
  };
  const names = look.columns.map(({ name }) => name);
  return (
    <div class="stack">
      <h3>{words.mapping.title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard. */}
      <section class="scroll" tabIndex={0} aria-label={words.mapping.caption}>
        <table>
          <caption class="soft small">{words.mapping.caption}</caption>
          <thead>
            <tr>
              {look.columns.map(({ name, type, missing }) => (
                <th key={name} scope="col">
                  {name}
                  <br />
                  <span class="small">{words.mapping.column(type, missing)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {look.preview.map((row, at) => (
              <tr key={at}>
                {row.map((text, column) => (
                  <td key={names[column]}>{text}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div class="columns">
        {!isPlanned && (
          <Choice
            id="answer"
            label={words.mapping.answer}
            value={mapping.answer}
            onChoose={(answer) => change({ answer })}
          >
            {names.map((name) => [name, name])}
          </Choice>
        )}
        <Choice
          id="person"
          label={words.mapping.person}
          value={mapping.person ?? ''}
          onChoose={(person) => change({ person: person === '' ? null : person })}
        >
          {[['', words.mapping.nobody], ...names.map((name): [string, string] => [name, name])]}
        </Choice>
        {!isPlanned && (
          <Choice
            id="scaling"
            label={words.mapping.scaling}
            value={mapping.scaling}
            onChoose={(value) => change({ scaling: scalings.find((one) => one === value) ?? 'standardise' })}
          >
            {scalings.map((one) => [one, words.mapping.scalings[one]])}
          </Choice>
        )}
      </div>
      {isPlanned ? (
        <p class="soft small">{words.mapping.planned}</p>
      ) : (
        <Looked names={names} mapping={mapping} onChange={(looked) => change({ looked })} />
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly children: readonly (readonly string[])[];
}

function Choice({ id, label, value, onChoose, children }: ChoiceProps): JSX.Element {
  return (
    <div class="field">
      <label for={`map-${id}`}>{label}</label>
      <select id={`map-${id}`} value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {children.map(([key = '', text = '']) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface LookedProps {
  readonly names: readonly string[];
  readonly mapping: Mapping;
  readonly onChange: (looked: readonly string[]) => void;
}

/** Beyond this a list of boxes helps nobody. */
const BOXES_AT_MOST = 100;

function Looked({ names, mapping, onChange }: LookedProps): JSX.Element | null {
  const free = names.filter((name) => name !== mapping.answer && name !== mapping.person);
  if (free.length > BOXES_AT_MOST) return null;
  return (
    <fieldset>
      <legend class="small">{words.mapping.looked}</legend>
      <div class="row">
        {free.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={mapping.looked.includes(name)}
              onChange={({ currentTarget }) =>
                onChange(free.filter((one) => (one === name ? currentTarget.checked : mapping.looked.includes(one))))
              }
            />{' '}
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
