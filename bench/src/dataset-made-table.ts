// A table for measuring: keys that never repeat, numbers, dates, categories (some quoted), written the same every time, piece by piece.

const towns = ['Bern', 'Chur', 'Biel', 'Genève', 'Lausanne', '"St. Gallen, SG"', 'Zürich'];
const pieceRows = 10_000;

/** At least `sizeBytes` bytes of CSV. */
export function* madeTable(sizeBytes: number): Generator<Uint8Array, void, undefined> {
  let state = 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  let made = 0;
  let key = 0;
  let header = 'key,age,weight,born,town,work,hours,score,income\n';
  while (made < sizeBytes) {
    let text = header;
    header = '';
    for (let row = 0; row < pieceRows && made + text.length < sizeBytes; row += 1) {
      key += 1;
      const born = `19${10 + below(80)}-0${1 + below(9)}-1${below(10)}`;
      const numbers = `${below(90)},${40 + below(80)}.${below(10)},${born}`;
      const work = `occupation-${below(14)},${below(99)},${below(1e6) / 1e3}`;
      text += `P${key},${numbers},${towns[below(towns.length)]},${work},${below(4) === 0 ? '>50K' : '<=50K'}\n`;
    }
    const bytes = Buffer.from(text, 'utf8');
    made += bytes.length;
    yield bytes;
  }
}
