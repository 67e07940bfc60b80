// A code that is drawn is the code that was made: read back from its characters, with the patterns by which a camera finds it.
import { describe, expect, it } from 'vitest';
import { modulesOf, qrLines } from './qr-code.ts';

const link = `https://192.168.1.17:8443/join#${'A'.repeat(300)}`;

/** What a person sees: true where dark, on a terminal that draws what is drawn in light. */
function read(lines: readonly string[], isDrawnDark: boolean): boolean[][] {
  return lines.flatMap((line) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken off
    const signs = [...line.replaceAll(/\u001b\[[0-9;]*m/g, '')];
    return [
      signs.map((one) => '█▀'.includes(one) === isDrawnDark),
      signs.map((one) => '█▄'.includes(one) === isDrawnDark),
    ];
  });
}

describe('a QR code on a terminal', () => {
  it.each([true, false])('shows every module, and four light ones around (colour: %s)', (hasColour) => {
    const modules = modulesOf(link);
    const seen = read(qrLines(link, { hasColour, width: 200 }), hasColour);
    expect(seen[0]).toHaveLength(modules.length + 8);
    for (const [row, dark] of seen.entries()) {
      for (const [column, isDark] of dark.entries()) expect(isDark).toBe(modules[row - 4]?.[column - 4] ?? false);
    }
  });

  it('has the three squares by which it is found, and not a fourth', () => {
    const modules = modulesOf(link);
    const last = modules.length - 7;
    const square = (top: number, left: number): string =>
      modules
        .slice(top, top + 7)
        .map((row) =>
          row
            .slice(left, left + 7)
            .map((dark) => (dark ? '#' : '.'))
            .join(''),
        )
        .join('\n');
    const finder = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'].join('\n');
    expect([square(0, 0), square(0, last), square(last, 0)]).toEqual([finder, finder, finder]);
    expect(square(last, last)).not.toBe(finder);
  });

  it('is not drawn in part', () => {
    expect(qrLines(link, { hasColour: true, width: 40 })).toEqual([]);
  });

  it('of another text is another one', () => {
    expect(modulesOf(link)).not.toEqual(modulesOf(`${link}B`));
  });
});
