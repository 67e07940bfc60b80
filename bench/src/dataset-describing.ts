// A process that describes a made table of so many bytes, from a stream, and says how much memory that took at most.
import { inspectCsv, readCsvBatches } from '@sumus/dataset/csv';
import { TableDescriber } from '@sumus/dataset/describe';
import { madeTable } from './dataset-made-table.ts';

const sizeBytes = Number(process.argv[2]);
const { plan } = await inspectCsv(madeTable(sizeBytes), {}, 1 << 24);
const describer = new TableDescriber();
for await (const batch of readCsvBatches(madeTable(sizeBytes), plan)) describer.add(batch);
const { rows } = describer.conclude();
const { user } = process.cpuUsage();
// maxRSS is in kibibytes.
const peakMegabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
process.stdout.write(JSON.stringify({ sizeBytes, rows, peakMegabytes, cpuSeconds: user / 1e6 }));
