// The door of src/report: one page to read and to sign.
export { htmlReport, type ReportInput } from './html.ts';
export { barChart, columnChart, escaped, percent } from './svg.ts';
