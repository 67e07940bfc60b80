// Pictures as SVG text, small enough to read as source. No script, no link, no font from elsewhere: the page must say the same
// in ten years. Every picture carries its numbers as text, for those who cannot see it and for those who want to check.

/** Text that may stand in HTML and in attribute values. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export interface Bar {
  readonly label: string;
  /** In [0, 1]. */
  readonly value: number;
  /** What is printed beside the bar. */
  readonly text: string;
  readonly colour: string;
}

const labelWidth = 190;
const barWidth = 300;
const textWidth = 110;
const lineHeight = 24;

/** Horizontal bars, one below the other. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const height = bars.length * lineHeight + 4;
  const rows = bars.map(({ label, value, text, colour }, at) => {
    const y = at * lineHeight + 4;
    const width = round(Math.min(1, Math.max(0, value)) * barWidth);
    return [
      `<text x="${labelWidth - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${barWidth}" height="16" fill="#eef1f4"/>`,
      `<rect x="${labelWidth}" y="${y}" width="${width}" height="16" fill="${colour}"/>`,
      `<text x="${labelWidth + barWidth + 8}" y="${y + 13}">${escaped(text)}</text>`,
    ].join('');
  });
  return figure(title, labelWidth + barWidth + textWidth, height, rows.join('\n'));
}

export interface Column {
  readonly label: string;
  readonly value: number;
  readonly colour: string;
}

/** Upright columns with their values on top, scaled to the greatest. */
export function columnChart(title: string, groups: readonly (readonly Column[])[]): string {
  const most = Math.max(1e-12, ...groups.flat().map(({ value }) => value));
  const columnWidth = 26;
  const gap = 22;
  const plot = 130;
  let x = 10;
  const parts: string[] = [];
  for (const group of groups) {
    const start = x;
    for (const { value, colour } of group) {
      const height = round((value / most) * plot);
      parts.push(
        `<rect x="${x}" y="${20 + plot - height}" width="${columnWidth - 3}" height="${height}" fill="${colour}"/>`,
      );
      const middle = x + (columnWidth - 3) / 2;
      parts.push(
        `<text x="${middle}" y="${16 + plot - height}" text-anchor="middle" font-size="9">${escaped(percent(value))}</text>`,
      );
      x += columnWidth;
    }
    const middle = (start + x - 3) / 2;
    parts.push(`<text x="${middle}" y="${plot + 36}" text-anchor="middle">${escaped(group[0]?.label ?? '')}</text>`);
    x += gap;
  }
  parts.push(`<line x1="4" y1="${plot + 20}" x2="${x}" y2="${plot + 20}" stroke="#8895a3"/>`);
  return figure(title, x + 4, plot + 46, parts.join('\n'));
}

function figure(title: string, width: number, height: number, content: string): string {
  const name = escaped(title);
  return `<svg role="img" aria-label="${name}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg" font-family="inherit" font-size="12">\n<title>${name}</title>\n${content}\n</svg>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** `0 %`, `0.02 %`, `3.1 %`, `57 %`: two digits that matter, never rounded to nothing. */
export function percent(part: number): string {
  const value = 100 * part;
  if (value === 0) return '0 %';
  if (value < 0.01) return '< 0.01 %';
  if (part > 0.995 && part < 1) return '> 99 %';
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}
