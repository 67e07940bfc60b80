// sumus data convert: any table into CSV, TSV or JSON lines, streaming; a folder of pictures into IDX files.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MalformedData } from '@sumus/dataset/errors';
import { writeIdx } from '@sumus/dataset/idx';
import { type Image, type ImageDecoder, type PictureFile, readPictures } from '@sumus/dataset/images';
import { type Command, Option } from 'commander';
import jpeg from 'jpeg-js';
import { UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { refuseOverwriting, TableOutput, writeWhole, writing } from './data-output.ts';
import { openSource, readingNotes } from './data-source.ts';
import { declareSource, type SourceOptions } from './data-source-options.ts';
import { visible } from './data-terminal.ts';

interface ConvertOptions extends SourceOptions {
  readonly formulas?: 'neutralise' | 'keep';
  readonly size?: string;
  readonly channels?: string;
  readonly json?: true;
}

export function declareConvert(group: Command): void {
  declareSource(
    group.command('convert').description('a table into CSV, TSV or JSON lines; a folder of pictures into IDX files'),
  )
    .argument('<from>', 'a table of any format, or a folder with a folder of PNG or JPEG pictures for each label')
    .argument('<to>', 'FILE.csv, FILE.tsv or FILE.jsonl; for pictures the beginning of the names of the files made')
    .addOption(
      new Option('--formulas <what>', 'texts that a spreadsheet would run: made harmless, or kept')
        .choices(['neutralise', 'keep'])
        .default('neutralise'),
    )
    .option('--size <width>x<height>', 'pictures are resized to this; without it all must be of one size')
    .addOption(new Option('--channels <count>', 'of the pictures').choices(['1', '3']).default('1'))
    .option('--json', 'one JSON object on one line')
    .action((from: string, to: string, options: ConvertOptions) =>
      statSync(from).isDirectory() ? convertPictures(from, to, options) : convertTable(from, to, options),
    );
}

async function convertTable(from: string, to: string, options: ConvertOptions): Promise<void> {
  refuseOverwriting([from, options.schema], [to]);
  const source = await openSource(from, options);
  const output = new TableOutput(to, { neutraliseFormulas: options.formulas !== 'keep' });
  const report = await writing([output], async () => {
    const batches = source.batches();
    let step = await batches.next();
    for (; step.done !== true; step = await batches.next()) await output.write(step.value);
    return step.value;
  });
  const { rows, neutralised } = output;
  if (options.json)
    printJson({
      from,
      to,
      rows,
      neutralised,
      report,
      evidence: source.evidence,
      schema: source.columns.map((one) => one.schema),
    });
  else {
    process.stdout.write(`${to}: ${rows.toLocaleString('en')} rows, ${source.columns.length} columns\n`);
    for (const note of readingNotes(source, report)) process.stdout.write(`  ${visible(note)}\n`);
    if (neutralised > 0)
      process.stdout.write(`  ${neutralised} cells that a spreadsheet would run got an apostrophe before them\n`);
  }
}

async function convertPictures(folder: string, to: string, options: ConvertOptions): Promise<void> {
  const size = sizeOf(options.size);
  const channels = options.channels === '3' ? 3 : 1;
  const tolerance = options.tolerance === undefined ? 0 : Number(options.tolerance);
  if (!Number.isSafeInteger(tolerance)) throw new UsageError('for pictures --tolerance is a number of files');
  const { images, rejected } = await readPictures(pictureFiles(folder), {
    channels,
    decodeJpeg,
    tolerance,
    ...(size === undefined ? {} : { size }),
  });
  const { count, width, height, samples, labels } = images;
  if (labels.dictionary.length > 256)
    throw new MalformedData(`${labels.dictionary.length} labels; IDX files of bytes hold 256`);
  const shape = channels === 1 ? [count, height, width] : [count, height, width, channels];
  const files = [`${to}-images-idx${shape.length}-ubyte`, `${to}-labels-idx1-ubyte`, `${to}-classes.json`] as const;
  writeWhole(files[0], writeIdx(shape, samples));
  writeWhole(files[1], writeIdx([count], Uint8Array.from(labels.codes)));
  writeWhole(files[2], `${JSON.stringify(labels.dictionary)}\n`);
  if (options.json) printJson({ from: folder, files, shape, classes: labels.dictionary, rejected });
  else {
    process.stdout.write(
      `${count} pictures of ${width} × ${height}, ${labels.dictionary.length} classes: ${files.join(', ')}\n`,
    );
    for (const { path, reason } of rejected) process.stdout.write(`  left out ${visible(path)}: ${visible(reason)}\n`);
  }
}

function sizeOf(text: string | undefined): { width: number; height: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,5})[x×](\d{1,5})$/.exec(text);
  if (match === null) throw new UsageError(`--size is WIDTHxHEIGHT, not ${text}`);
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** The files in the folders of a folder, in the order of their names. */
function* pictureFiles(folder: string): Generator<PictureFile, void, undefined> {
  const labels = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (labels.length === 0) throw new UsageError(`${folder} holds no folders, whose names would be the labels`);
  for (const { name: label } of labels.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const names = readdirSync(join(folder, label)).filter((name) => !name.startsWith('.'));
    for (const name of names.sort()) yield { path: `${label}/${name}`, bytes: readFileSync(join(folder, label, name)) };
  }
}

const decodeJpeg: ImageDecoder = (bytes, limits): Image => {
  try {
    const maxResolutionInMP = limits.pixels / 1e6;
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      maxResolutionInMP,
      maxMemoryUsageInMB: 2048,
    });
    return { width, height, channels: 4, samples: data };
  } catch (cause) {
    throw new MalformedData(`JPEG: ${cause instanceof Error ? cause.message : String(cause)}`, {}, { cause });
  }
};
