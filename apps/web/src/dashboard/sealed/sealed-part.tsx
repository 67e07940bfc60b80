// What the server sees: one update as it arrived, sealed, beside the model that came out of the sum. The picture that explains the product.

import { wordEncodingOf } from '@sumus/federation/plan';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { theme } from '../../shell/theme.ts';
import { dashboard } from '../../words/english/dashboard.ts';
import { useBlob } from '../blobs/use-blob.ts';
import { bytes as inBytes, short } from '../figures.ts';
import type { RoundRow } from '../history/summary.ts';
import type { WeightPicture } from '../model/model-file.ts';
import { Part } from '../part.tsx';
import { coloursOf } from '../round/round-picture.tsx';
import { openedSoFar, releasedSoFar, summary } from '../run-on-show.ts';
import { bytesAsPicture, rgbOf, weightsAsPicture } from './pictures.ts';
import { ENOUGH_BYTES, middleOf, type Uniformity, uniformityOf } from './uniformity.ts';

const words = dashboard.sealed;
const SIDE = 96;

export function SealedPart(): JSX.Element | null {
  const run = summary.value;
  const row = rowToShow();
  const sealed = useBlob(row?.sealed?.frame ?? null);
  const model = useBlob(row?.model ?? null);
  if (run === null || row?.sealed == null) return null;
  const isClear = run.plan.plan.protection.kind === 'none';
  return (
    <Part name="sealed" title={words.title} lead={isClear ? words.leadClear : words.lead}>
      <div class="columns">
        <div class="card">
          <h3>{words.update(row.sealed.member)}</h3>
          {sealed == null ? (
            <p class="soft">{sealed === null ? words.gone : words.looking}</p>
          ) : (
            <SealedUpdate bytes={sealed} />
          )}
          <p class="small soft">{words.size(inBytes(row.sealed.frame.bytes))}</p>
        </div>
        <div class="card">
          <h3>{words.sum(row.contributors)}</h3>
          {model == null ? (
            <p class="soft">
              {row.outcome !== 'released' ? words.notYet : model === null ? words.sumGone : words.looking}
            </p>
          ) : (
            <PublishedModel bytes={model} />
          )}
        </div>
      </div>
    </Part>
  );
}

/** The newest round by the position on show that has an update, published rather than not. */
function rowToShow(): RoundRow | undefined {
  const released = releasedSoFar.value.findLast(({ sealed }) => sealed !== null);
  return released ?? openedSoFar.value.findLast(({ sealed }) => sealed !== null);
}

function SealedUpdate({ bytes }: { readonly bytes: Uint8Array<ArrayBuffer> }): JSX.Element {
  const plan = summary.value?.plan.plan;
  const isMasked = plan?.protection.kind === 'mask';
  const inner = middleOf(bytes, isMasked ? 4 * wordEncodingOf(plan).words : undefined);
  const found = uniformityOf(inner);
  return (
    <>
      <Picture
        label={words.picture}
        paint={(canvas) => {
          const colours = coloursOf(canvas);
          return bytesAsPicture(inner, SIDE, [rgbOf(colours.paper), rgbOf(colours.ink)]);
        }}
        depends={bytes}
      />
      <Histogram counts={found.histogram} label={words.histogram(short(found.entropyBits))} />
      <Numbers found={found} />
    </>
  );
}

/** What a sample of so many bytes can show of noise: below it there is structure. */
const SMALL = 1e-6;

function Numbers({ found }: { readonly found: Uniformity }): JSX.Element {
  if (found.bytes < ENOUGH_BYTES) return <p class="small">{words.few}</p>;
  const isUneven = found.pValue < SMALL;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{words.entropy}</dt>
          <dd>{`${found.entropyBits.toFixed(3)} / 8`}</dd>
        </div>
        <div>
          <dt>{words.chiSquare}</dt>
          <dd>{found.chiSquare.toFixed(0)}</dd>
        </div>
        <div>
          <dt>{words.pValue}</dt>
          <dd class={isUneven ? 'alarm' : ''}>{isUneven ? '< 10⁻⁶' : found.pValue.toFixed(2)}</dd>
        </div>
      </dl>
      <p class="small">{isUneven ? words.structure : words.noise}</p>
    </>
  );
}

function PublishedModel({ bytes }: { readonly bytes: Uint8Array<ArrayBuffer> }): JSX.Element | null {
  const run = summary.value;
  const [picture, setPicture] = useState<WeightPicture | undefined | string>(undefined);
  useEffect(() => {
    if (run === null) return;
    import('../model/model-file.ts').then(
      ({ pictureOf }) => setPicture(pictureOf(run.plan.plan, bytes)),
      (cause: unknown) => setPicture(String(cause)),
    );
  }, [bytes, run?.plan.id]);
  if (picture === undefined) return <p class="soft">{words.looking}</p>;
  if (typeof picture === 'string') return <p class="alarm">{picture}</p>;
  const { values, width, height } = picture;
  return (
    <>
      <Picture
        label={words.pictureOfSum}
        paint={(canvas) => {
          const { ink, paper, accent } = coloursOf(canvas);
          return weightsAsPicture(values, { width, height }, [rgbOf(ink), rgbOf(paper), rgbOf(accent)]);
        }}
        depends={picture}
      />
      <Histogram counts={histogramOf(values)} label={words.histogramOfSum} />
      <p class="small">{words.kinds[picture.kind]}</p>
    </>
  );
}

interface PictureProps {
  readonly label: string;
  readonly paint: (canvas: HTMLCanvasElement) => ImageData;
  /** Painted again when this changes, or the colours. */
  readonly depends: unknown;
}

function Picture({ label, paint, depends }: PictureProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = theme.value;
  useEffect(() => {
    const to = canvas.current;
    if (to === null) return;
    const frame = requestAnimationFrame(() => {
      const picture = paint(to);
      to.width = picture.width;
      to.height = picture.height;
      to.getContext('2d')?.putImageData(picture, 0, 0);
    });
    return () => cancelAnimationFrame(frame);
  }, [depends, colours]);
  return <canvas ref={canvas} class="pixels" role="img" aria-label={label} />;
}

const BARS = 64;

/** Of weights: how many lie in each of as many steps between the least and the most. */
function histogramOf(values: ArrayLike<number>): Uint32Array {
  const counts = new Uint32Array(BARS);
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at] ?? 0));
  for (let at = 0; at < values.length; at++) {
    const place = Math.floor((((values[at] ?? 0) / (most || 1) + 1) / 2) * (BARS - 1));
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

function Histogram({ counts, label }: { readonly counts: Uint32Array; readonly label: string }): JSX.Element {
  const bars = Array.from({ length: BARS }, (_, bar) => {
    const [from, to] = [bar, bar + 1].map((one) => Math.floor((one * counts.length) / BARS));
    return counts.subarray(from, to).reduce((all, one) => all + one, 0);
  });
  const most = Math.max(1, ...bars);
  return (
    <svg class="histogram" viewBox={`0 0 ${BARS} 24`} preserveAspectRatio="none" role="img" aria-label={label}>
      {bars.map((bar, at) => (
        <rect key={at} x={at + 0.1} width={0.8} y={24 - (24 * bar) / most} height={(24 * bar) / most} />
      ))}
    </svg>
  );
}
