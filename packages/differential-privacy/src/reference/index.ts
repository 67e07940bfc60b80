export { entryId, type ReferenceCase, referenceCase, referenceEntries } from './reference-case.ts';
