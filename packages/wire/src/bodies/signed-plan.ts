// A signed plan inside a message, as a plan file has it. Whose signature it is, verifyPlan says.

import { readPlanFile, type SignedPlan } from '@sumus/federation/plan';
import { refuse, type Shape } from '../shape/shape.ts';

export const signedPlan: Shape<SignedPlan> = {
  read: (value, path) => {
    const read = readPlanFile(JSON.stringify(value));
    if (read.kind === 'valid' && read.file.signed !== undefined) return read.file.signed;
    const why = read.kind === 'invalid' ? `: ${read.problems[0]?.path} ${read.problems[0]?.what}` : '';
    return refuse(path, `is no signed plan${why}`);
  },
  json: { type: 'object', description: 'a signed plan, as `sumus plan sign` writes it' },
};
