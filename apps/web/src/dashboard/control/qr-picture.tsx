// A link as a QR code: one path of squares, dark on light whatever the page's colours, with the quiet zone that readers need.

import type { JSX } from 'preact';
import qrcode from 'qrcode-generator';

const QUIET = 4;

export function QrPicture({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const code = qrcode(0, 'L');
  code.addData(text, 'Byte');
  code.make();
  const size = code.getModuleCount();
  let path = '';
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (code.isDark(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
    }
  }
  const side = size + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
