// node .ci/closing-lines.mjs FOLDER FAILED-STEPS: adds up the test runner's reports in a folder and prints its closing lines,
// the last one plain: "N passed, N failed" with ", N skipped" where there are any. A suite that could not even be loaded
// counts as one failure, and so does a step that failed without a failing test. Exit code 1 when there was nothing to count.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, failedSteps] = [process.argv[2], Number(process.argv[3])];
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(folder).sort()) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const unloadable = report.testResults.filter(
    (suite) => suite.status === 'failed' && !suite.assertionResults.some((one) => one.status === 'failed'),
  );
  const run = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  for (const key of Object.keys(sum)) sum[key] += run[key];
  console.log(`  ${basename(file, '.json')}: ${report.testResults.length} files, ${line(run)}`);
}
if (sum.failed === 0) sum.failed = failedSteps;
console.log(line(sum));
if (sum.passed === 0) process.exitCode = 1;

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
