// Published models: looked at, marked, downloaded. The bytes are the coordinator's or those that were dropped with the log; what they are worth
// is their hash, which the log names.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { useBlob } from '../blobs/use-blob.ts';
import { fingerprint, percent, short, time } from '../figures.ts';
import type { RoundRow } from '../history/summary.ts';
import { summary } from '../run-on-show.ts';
import { ScrollTable } from '../scroll-table.tsx';
import type { FileFormat } from './model-file.ts';

const words = dashboard.model.checkpoints;
const SHOWN = 8;

export interface CheckpointsProps {
  readonly rows: readonly RoundRow[];
  readonly show: (row: RoundRow) => void;
}

export function Checkpoints({ rows, show }: CheckpointsProps): JSX.Element | null {
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  if (rows.length === 0) return null;
  const shown = rows.filter((row, at) => at >= rows.length - SHOWN || marked.has(row.version)).reverse();
  const mark = (version: number): void => {
    const next = new Set(marked);
    if (!next.delete(version)) next.add(version);
    setMarked(next);
  };
  return (
    <div class="stack">
      <h3>{words.title}</h3>
      <ScrollTable name={words.title} columns={words.columns}>
        {shown.map((row) => (
          <tr key={row.version}>
            <td>{row.version + 1}</td>
            <td>{row.endedAtMs === null ? '' : time(row.endedAtMs)}</td>
            <td>
              {row.metrics
                .map(({ name, value }) => `${name} ${name === 'accuracy' ? percent(value) : short(value)}`)
                .join(', ')}
            </td>
            <td class="code">{fingerprint(row.modelHash ?? '').slice(0, 14)}</td>
            <td>
              <span class="row">
                <button
                  type="button"
                  class="button plain"
                  aria-pressed={marked.has(row.version)}
                  aria-label={words.mark(row.version + 1)}
                  onClick={() => mark(row.version)}
                >
                  {marked.has(row.version) ? '★' : '☆'}
                </button>
                <button
                  type="button"
                  class="button"
                  onClick={() => show(row)}
                  aria-label={words.showLong(row.version + 1)}
                >
                  {words.show}
                </button>
              </span>
            </td>
          </tr>
        ))}
      </ScrollTable>
      <Download row={rows.at(-1)} />
    </div>
  );
}

function Download({ row }: { readonly row: RoundRow | undefined }): JSX.Element | null {
  const bytes = useBlob(row?.model ?? null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const run = summary.value;
  if (row === undefined || run === null) return null;
  const save = async (format: FileFormat): Promise<void> => {
    if (bytes == null) return;
    try {
      const { modelFile } = await import('./model-file.ts');
      const file = modelFile(run.plan.plan, run.plan.id, bytes, format);
      saveFile(file, `${run.runId}-${row.version + 1}.${format}`);
    } catch (cause) {
      setTrouble(cause instanceof Error ? cause.message : String(cause));
    }
  };
  if (bytes == null) return <p class="small soft">{words.noBytes}</p>;
  return (
    <div class="row">
      {(['safetensors', 'onnx'] as const).map((format) => (
        <button key={format} type="button" class="button" onClick={() => void save(format)}>
          {words.download(row.version + 1, format)}
        </button>
      ))}
      {trouble !== null && <p class="alarm small">{trouble}</p>}
    </div>
  );
}

/** Hands bytes to the browser's downloads. */
export function saveFile(bytes: Uint8Array<ArrayBuffer> | string, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes]));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
