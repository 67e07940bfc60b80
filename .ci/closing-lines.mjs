// node .ci/closing-lines.mjs FOLDER FAILED-STEPS: adds up the test runner's reports in a folder and prints its closing lines,
// the last one plain: "N passed, N failed" with ", N skipped" where there are any. A suite that could not even be loaded, a
// report that was cut short and a step that failed without a failing test count as a failure each, so that the last line never
// says less than the exit code. Exit code 1 when no test passed.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, failedSteps] = [process.argv[2], Number(process.argv[3])];
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(folder).sort()) {
  const run = counted(readFileSync(join(folder, file), 'utf8'));
  for (const key of Object.keys(sum)) sum[key] += run[key];
  console.log(`  ${basename(file, '.json')}: ${line(run)}`);
}
sum.failed = Math.max(sum.failed, failedSteps);
console.log(line(sum));
if (sum.passed === 0) process.exitCode = 1;

function counted(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    // The run was killed while it wrote: how it would have ended nobody knows.
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const unloadable = report.testResults.filter(
    (suite) => suite.status === 'failed' && !suite.assertionResults.some((one) => one.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
