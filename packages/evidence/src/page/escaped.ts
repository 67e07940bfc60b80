// Text that somebody else wrote, as text of a page: nothing of it is markup. Signs that steer a reader's screen (C0, C1, bidirectional
// marks and overrides) are shown as a dot.

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '·')
    .replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
