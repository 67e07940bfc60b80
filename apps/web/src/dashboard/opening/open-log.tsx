// How a run comes onto the page: a log that is opened or dropped (with any of its blobs beside it), an address in the page's own, or a run of
// the coordinator that serves the page.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { shelve } from '../blobs/shelf.ts';
import { open, summary } from '../run-on-show.ts';

const words = dashboard.open;
const BLOB_BYTES_AT_MOST = 32 * 2 ** 20;

/** The largest text is the log; whatever else was chosen with it are blobs of it. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const logs: File[] = [];
  for (const file of files) {
    const start = await file.slice(0, 8).text();
    if (start.startsWith('{"atMs"')) logs.push(file);
    else if (file.size <= BLOB_BYTES_AT_MOST) await shelve(new Uint8Array(await file.arrayBuffer()));
  }
  const [log] = logs.sort((a, b) => b.size - a.size);
  if (log !== undefined) open({ kind: 'file', file: log, name: log.name });
  else if (summary.value === null && files[0] !== undefined) {
    // Whatever it is, the reader says what is the matter with it.
    open({ kind: 'file', file: files[0], name: files[0].name });
  }
}

/** `?log=` of the page's address, relative to it. */
export function logInAddress(): string | null {
  const asked = new URLSearchParams(location.search).get('log');
  if (asked === null) return null;
  const address = new URL(asked, location.href);
  return address.origin === location.origin ? address.href : null;
}

/** The whole page takes what is dropped on it. */
export function DropArea({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setOver(true);
    };
    const out = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const dropped = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      void openFiles([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', out);
    addEventListener('drop', dropped);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', out);
      removeEventListener('drop', dropped);
    };
  }, []);
  return <div class={isOver ? 'drop-area over' : 'drop-area'}>{children}</div>;
}

export function OpenLog({ label = words.choose }: { readonly label?: string }): JSX.Element {
  const id = useId();
  return (
    <>
      <label class="button" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="unseen file"
        type="file"
        multiple
        onChange={({ currentTarget }) => {
          void openFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
