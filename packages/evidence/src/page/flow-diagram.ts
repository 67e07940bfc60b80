// What flows between whom as a picture: a column for each of them, an arrow for each flow, in the order of the table it is drawn from. Inline
// SVG in the colours of the page; who cannot see it has the table.

import type { Table } from '../document/index.ts';
import { escaped } from './escaped.ts';

const WIDTH = 960;
const HEAD = 40;
const STEP = 46;
const LOOP = 60;

/** Those who are several are drawn once. */
const ALIKE: ReadonlyMap<string, string> = new Map([
  ['participants', 'participant'],
  ['contributors', 'participant'],
  ['members', 'participant'],
]);

function actorOf(cell: Table['rows'][number][number] | undefined): string {
  const name = String(cell ?? '').split(',')[0] ?? '';
  return ALIKE.get(name) ?? name;
}

/** Rows: from, to, what, protected by. */
export function flowDiagram({ title, rows }: Table): string {
  const flows = rows.map(([from, to, what, guard]) => ({
    from: actorOf(from),
    to: actorOf(to),
    text: `${what} · ${guard}`,
  }));
  const actors = [...new Set(flows.flatMap(({ from, to }) => [from, to]))];
  const xOf = (actor: string): number => ((actors.indexOf(actor) + 0.5) * WIDTH) / actors.length;
  const height = HEAD + flows.length * STEP + 20;
  const lines = actors.map((actor) => {
    const x = xOf(actor);
    return `<text x="${x}" y="22" text-anchor="middle" font-weight="600">${escaped(actor)}</text><line x1="${x}" y1="${HEAD - 8}" x2="${x}" y2="${height - 8}" stroke="currentColor" stroke-opacity="0.3"/>`;
  });
  const arrows = flows.map(({ from, to, text }, at) => {
    const y = HEAD + at * STEP + 30;
    const [start, end] = [xOf(from), xOf(to)];
    // To others of its kind: out and back.
    const path = from === to ? `M${start} ${y - 12}h${LOOP}v12h${-LOOP}` : `M${start} ${y}H${end}`;
    const middle = from === to ? start + LOOP + 8 : (start + end) / 2;
    const anchor = from === to ? 'start' : 'middle';
    return `<path d="${path}" fill="none" stroke="currentColor" marker-end="url(#arrow)"/><text x="${middle}" y="${y - 6}" text-anchor="${anchor}" font-size="13">${escaped(text)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}: the table below says the same" font-family="inherit" font-size="15" fill="currentColor"><defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>${lines.join('')}${arrows.join('')}</svg>`;
}
