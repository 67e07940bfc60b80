// Are tables read fast and described in little memory, and is what is anonymised as good as the best known, and safe? Every row of
// the table of targets in dataset-reading.ts and dataset-anonymise.ts.
import { anonymiseFindings, anonymiseTargets } from './dataset-anonymise.ts';
import { readingFindings, readingTargets } from './dataset-reading.ts';
import { type Bench, composeReport } from './report.ts';

export const dataset: Bench = {
  name: 'dataset',
  question: 'How fast is CSV read, in how much memory described, and how good and how quick is anonymising?',
  async run(options) {
    const reading = await readingFindings(options);
    const anonymising = await anonymiseFindings(options);
    return composeReport({
      bench: 'dataset',
      options,
      targets: [...readingTargets, ...anonymiseTargets],
      results: [...reading.results, ...anonymising.results],
      outcomes: new Map([...reading.outcomes, ...anonymising.outcomes]),
    });
  },
};
