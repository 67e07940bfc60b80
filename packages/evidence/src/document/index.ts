// The door `@sumus/evidence/document`: evidence of a run as data.
export type { Artefact, Status } from './artefact.ts';
export { type AttackReport, readAttackReport } from './attack-reports.ts';
export { type BenchReportRead, readBenchReport } from './bench-reports.ts';
export { type Evidence, evidenceOf } from './evidence.ts';
export type { Fact, Source, Table } from './fact.ts';
export { type AskedFor, FRAMEWORK_NAMES } from './frameworks.ts';
export { readStatements, type StatementName, type Statements } from './statements.ts';
export type { EvidenceInput, Software } from './subject.ts';
export { readTestReport, type TestReport } from './tests.ts';
