// The picture of a round on the page: a canvas that is painted while something moves and rests otherwise, and beside it the same in words.
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { theme } from '../../shell/theme.ts';
import { dashboard as words } from '../../words/english/dashboard.ts';
import { doings } from '../history/codes.ts';
import { scene, summary } from '../run-on-show.ts';
import { type Colours, RoundPainter } from './painter.ts';

export function RoundPicture(): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current === null ? undefined : keepPainting(canvas.current)), []);
  return (
    <figure class="figure round">
      <canvas ref={canvas} class="round-canvas" role="img" aria-label={pictureInWords()} />
      <Legend />
    </figure>
  );
}

function counts(): readonly (readonly [keyof typeof words.doing, number])[] {
  const doing = scene.value?.doing ?? new Uint8Array(0);
  const found = new Uint32Array(doings.length);
  for (const code of doing) found[code] = (found[code] ?? 0) + 1;
  return doings.map((name, code) => [name, found[code] ?? 0] as const).filter(([, count]) => count > 0);
}

function pictureInWords(): string {
  const said = counts().map(([name, count]) => `${count} ${words.doing[name]}`);
  return `${words.round.picture} ${said.join(', ')}`;
}

function Legend(): JSX.Element {
  return (
    <figcaption>
      <ul class="plain legend">
        {counts().map(([name, count]) => (
          <li key={name}>
            <span class={`dot ${name}`} aria-hidden="true" /> {count} {words.doing[name]}
          </li>
        ))}
      </ul>
    </figcaption>
  );
}

/** Paints until told to stop; answers with how. */
function keepPainting(canvas: HTMLCanvasElement): () => void {
  const context = canvas.getContext('2d');
  if (context === null) return () => undefined;
  const painter = new RoundPainter(context);
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let colours = coloursOf(canvas);
  let frame = 0;
  let lastMs = 0;
  const paint = (nowMs: number): void => {
    const seconds = still.matches ? 60 : Math.min(0.1, (nowMs - lastMs) / 1000);
    lastMs = nowMs;
    frame = painter.paint(colours, seconds) ? requestAnimationFrame(paint) : 0;
  };
  const wake = (): void => {
    if (frame !== 0) return;
    lastMs = performance.now();
    frame = requestAnimationFrame(paint);
  };
  const resized = new ResizeObserver(([entry]) => {
    const side = Math.round((entry?.contentRect.width ?? 300) * Math.min(2, devicePixelRatio));
    canvas.width = side;
    canvas.height = side;
    painter.resize(side);
    wake();
  });
  resized.observe(canvas);
  const recoloured = (): void => {
    colours = coloursOf(canvas);
    wake();
  };
  dark.addEventListener('change', recoloured);
  const stopShowing = effect(() => {
    if (scene.value !== null) painter.show(scene.value, summary.value?.members ?? []);
    wake();
  });
  const stopTheme = effect(() => {
    // Read, so that this runs again when it changes; the document has its new colours by the next frame.
    if (theme.value !== undefined) requestAnimationFrame(recoloured);
  });
  return () => {
    cancelAnimationFrame(frame);
    resized.disconnect();
    dark.removeEventListener('change', recoloured);
    stopShowing();
    stopTheme();
  };
}

/** Colours as the style sheet has them now: light-dark() is worked out where a colour is used, not where it is named. */
export function coloursOf(element: Element): Colours {
  const probe = document.createElement('span');
  element.parentElement?.append(probe);
  const named = (name: string): string => {
    probe.className = `colour-${name}`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: named('ink'),
    soft: named('soft'),
    faint: named('faint'),
    line: named('line'),
    accent: named('accent'),
    alarm: named('alarm'),
    paper: named('paper'),
  };
  probe.remove();
  return colours;
}
