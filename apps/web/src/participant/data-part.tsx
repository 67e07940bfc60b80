// The participant's data: drop, choose or take the built-in digits; see what was read; say how a table is to be read.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { join as words } from '../words/english/join.ts';
import { chosenFiles, droppedFiles } from './data/chosen-files.ts';
import { ExamplePicture } from './example-picture.tsx';
import { data, reading, table, trouble, useDigits, useFiles } from './join-state.ts';
import { MappingPart } from './mapping-part.tsx';

const DIGITS = { least: 10, usual: 1000, most: 3000 } as const;

export function DataPart(): JSX.Element {
  return (
    <section class="part" aria-labelledby="data">
      <h2 id="data">{words.data.title}</h2>
      <p>{words.data.text}</p>
      <DropZone />
      <div role="status" class="stack">
        {reading.value !== null && <p class="soft">{words.data.reading(reading.value)}</p>}
        <Taken />
      </div>
      {table.value !== null && <MappingPart of={table.value} />}
    </section>
  );
}

function DropZone(): JSX.Element {
  const [isOver, setOver] = useState(false);
  const [digits, setDigits] = useState<number>(DIGITS.usual);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer === null) return;
    droppedFiles(event.dataTransfer).then(useFiles, (cause: unknown) => {
      trouble.value = cause instanceof Error ? cause.message : String(cause);
    });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the buttons in it do the same.
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p class="soft">{words.data.drop}</p>
      <div class="row">
        <FileButton label={words.data.file} accept=".csv,.tsv,.txt" />
        <FileButton label={words.data.folder} isFolder />
      </div>
      <div class="row">
        <div class="field">
          <label for="digits-count">{words.data.digitsCount}</label>
          <input
            id="digits-count"
            type="number"
            min={DIGITS.least}
            max={DIGITS.most}
            step={10}
            value={digits}
            onChange={({ currentTarget }) => {
              const wanted = Math.round(Number(currentTarget.value)) || DIGITS.usual;
              setDigits(Math.min(DIGITS.most, Math.max(DIGITS.least, wanted)));
            }}
          />
        </div>
        <button type="button" class="button join-digits" onClick={() => useDigits(digits)}>
          {words.data.digits}
        </button>
      </div>
      <p class="soft small">{words.data.digitsNote}</p>
    </div>
  );
}

interface FileButtonProps {
  readonly label: string;
  readonly accept?: string;
  readonly isFolder?: boolean;
}

function FileButton({ label, accept, isFolder = false }: FileButtonProps): JSX.Element {
  return (
    <label class="button join-file">
      {label}
      <input
        type="file"
        {...(accept === undefined ? {} : { accept })}
        {...(isFolder ? { webkitdirectory: true, multiple: true } : {})}
        onChange={({ currentTarget }) => {
          useFiles(chosenFiles(currentTarget.files ?? []));
          currentTarget.value = '';
        }}
      />
    </label>
  );
}

function Taken(): JSX.Element | null {
  const found = data.value;
  if (found === null) return null;
  if (found.kind === 'unfit') return <p class="note alarm">{words.unfit(found.why)}</p>;
  const { summary, leftOut, shape, previews, isKept } = found;
  return (
    <>
      <p class="lead">
        {words.data.taken(summary.name, summary.count)}
        {summary.people !== undefined && summary.people !== summary.count && ` ${words.data.people(summary.people)}`}
      </p>
      {shape !== undefined && previews.length > 0 && (
        <div class="join-previews">
          {previews.map((values, place) => (
            <ExamplePicture key={place} values={values} shape={shape} title={words.data.preview(place + 1)} />
          ))}
        </div>
      )}
      <p class="soft small">{words.data.perClass}</p>
      <ul class="join-classes">
        {summary.classNames.map((name, code) => (
          <li key={name}>
            <b>{name}</b> {summary.perClass[code]?.toLocaleString('en')}
          </li>
        ))}
      </ul>
      {leftOut > 0 && <p class="soft small">{words.data.leftOut(leftOut)}</p>}
      <p class="soft small">{isKept ? words.data.kept : words.data.notKept}</p>
    </>
  );
}
