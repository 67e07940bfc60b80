// Which parts of the model moved in the sum that was published last: a row for every layer, its coordinates left to right, the darker the more.
// Of the sum alone: what a single participant chose is in no log.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { theme } from '../../shell/theme.ts';
import { dashboard } from '../../words/english/dashboard.ts';
import { useBlob } from '../blobs/use-blob.ts';
import { percent } from '../figures.ts';
import { coloursOf } from '../round/round-picture.tsx';
import { releasedSoFar, summary } from '../run-on-show.ts';
import type { LayerChange } from './layer-changes.ts';

const words = dashboard.traffic.selection;
const COLUMNS = 240;

export function SelectionMap(): JSX.Element | null {
  const rows = releasedSoFar.value;
  const after = useBlob(rows.at(-1)?.model ?? null);
  const before = useBlob(rows.at(-2)?.model ?? null);
  const [layers, setLayers] = useState<readonly LayerChange[]>([]);
  const run = summary.value;
  useEffect(() => {
    if (after == null || before == null || run === null) return setLayers([]);
    import('./layer-changes.ts').then(
      ({ layerChanges }) => setLayers(layerChanges(run.plan.plan, before, after, COLUMNS)),
      () => setLayers([]),
    );
    return undefined;
  }, [after, before]);
  if (layers.length === 0) return <p class="small soft">{words.none}</p>;
  return (
    <figure class="figure">
      <figcaption>{words.caption}</figcaption>
      <ul class="plain bars">
        {layers.map((layer) => (
          <li key={layer.name}>
            <span>{layer.name}</span>
            <Strip layer={layer} />
            <span class="number">{percent(layer.changed)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function Strip({ layer }: { readonly layer: LayerChange }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = theme.value;
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const context = canvas.current?.getContext('2d');
      if (context == null || canvas.current === null) return;
      context.clearRect(0, 0, COLUMNS, 1);
      context.fillStyle = coloursOf(canvas.current).accent;
      for (const [at, share] of layer.columns.entries()) {
        context.globalAlpha = share;
        context.fillRect(at, 0, 1, 1);
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [layer, colours]);
  return (
    <canvas ref={canvas} class="strip" width={COLUMNS} height={1} aria-label={words.strip(layer.name)} role="img" />
  );
}
