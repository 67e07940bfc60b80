// The door `@sumus/simulation/examples`.
export { chosen, examplesOfImages, type LabelledExamples, labelledExamples } from './labelled.ts';
export { dealtOut, type Partition, type PartitionOptions, partitionFromText, partitionText } from './partition.ts';
