// A QR code on a terminal: two modules a character, by half blocks. Where colour is allowed it is black on white whatever the terminal's colours
// are; elsewhere the light modules are drawn, which on a dark terminal comes to the same. Four light modules around it, as ISO 18004 has it.
import qrcode from 'qrcode-generator';

export interface QrStyle {
  readonly hasColour: boolean;
  readonly width: number;
}

const QUIET = 4;

/** Lines; none where the terminal is too narrow to show all of it, because a part of a code says nothing. */
export function qrLines(text: string, { hasColour, width }: QrStyle): readonly string[] {
  const isDark = modulesOf(text);
  const size = isDark.length + 2 * QUIET;
  if (size > width) return [];
  const dark = (row: number, column: number): boolean => isDark[row - QUIET]?.[column - QUIET] ?? false;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    let line = '';
    for (let column = 0; column < size; column += 1) {
      const upper = dark(row, column);
      // Below the last row there is nothing to draw: of the colour of the quiet zone.
      const lower = dark(row + 1, column);
      line += hasColour ? sign(upper, lower) : sign(!upper, !lower);
    }
    lines.push(hasColour ? `\u001b[30;107m${line}\u001b[0m` : line);
  }
  return lines;
}

const sign = (upper: boolean, lower: boolean): string => (upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ');

/** Rows of modules, true where dark: the smallest version that holds the text, with the least correction, for a screen has no scratches. */
export function modulesOf(text: string): readonly (readonly boolean[])[] {
  const code = qrcode(0, 'L');
  code.addData(text, 'Byte');
  code.make();
  const size = code.getModuleCount();
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => code.isDark(row, column)),
  );
}
