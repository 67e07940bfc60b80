// The 10,000 handwritten digits of the `mnist` package (development dependency of examples/) as the four IDX files of the MNIST family, laid
// down once beside the other caches. Every sixth of each class is kept for trying the model.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './run.mjs';

const PIXELS = 28 * 28;

export function digitsFolder() {
  const folder = join(root, 'node_modules', '.sumus-digits');
  if (existsSync(folder)) return folder;
  const images = everyDigit();
  const draft = `${folder}-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const parts = { train: images.filter(({ isKept }) => !isKept), t10k: images.filter(({ isKept }) => isKept) };
  for (const [part, some] of Object.entries(parts)) {
    const pixels = Buffer.concat(some.map(({ bytes }) => bytes));
    const labels = Buffer.from(some.map(({ label }) => label));
    writeFileSync(join(draft, `${part}-images-idx3-ubyte`), Buffer.concat([header(some.length, 28, 28), pixels]));
    writeFileSync(join(draft, `${part}-labels-idx1-ubyte`), Buffer.concat([header(some.length), labels]));
  }
  // At once, so that a folder that is there is whole.
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function header(...extents) {
  const bytes = Buffer.alloc(4 + 4 * extents.length);
  bytes[2] = 8;
  bytes[3] = extents.length;
  extents.forEach((extent, axis) => void bytes.writeUInt32BE(extent, 4 + 4 * axis));
  return bytes;
}

/** Of all classes in turn, so that whoever takes some takes some of each. */
function everyDigit() {
  const require = createRequire(join(root, 'examples', 'package.json'));
  const classes = Array.from({ length: 10 }, (_, label) => {
    const { data } = require(`mnist/src/digits/${label}.json`);
    return Array.from({ length: Math.floor(data.length / PIXELS) }, (_, i) => ({
      label,
      isKept: i % 6 === 5,
      bytes: Buffer.from(data.slice(i * PIXELS, (i + 1) * PIXELS).map((sample) => Math.round(255 * sample))),
    }));
  });
  const most = Math.max(...classes.map((one) => one.length));
  return Array.from({ length: most }, (_, i) => classes.flatMap((one) => one.slice(i, i + 1))).flat();
}
