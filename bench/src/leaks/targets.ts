// What is demanded of attacks: that they work where nothing hides the gradient, or what they do not find says nothing; and that they find
// nothing where something does.

import type { Target } from '../report.ts';

const INVERSION = 'tested to really recover digits; nothing from a sealed update';
const MEMBERSHIP = 'with DP: TPR ≤ e^ε·FPR + δ (+ confidence interval); non-private clearly above';
const INSIDER = 'shown to work against an encrypted run, with what participant-level DP changes';

const target = (name: string, text: string, unit: string, bound: Target['bound']): Target => ({
  name,
  target: text,
  unit,
  bound,
});

type Name = 'deepLeakage' | 'cosine' | 'sealed' | 'plainMembership' | 'noisyMembership' | 'insider' | 'noisyInsider';

export const TARGETS: Readonly<Record<Name, Target>> = {
  deepLeakage: target('deep leakage, batch 1: digits recognised', INVERSION, '%', { atLeast: 90 }),
  cosine: target('cosine, batch 1: mean similarity', INVERSION, 'SSIM', { atLeast: 0.8 }),
  sealed: target('searches, sealed update: digits recognised', INVERSION, '%', { atMost: 0 }),
  plainMembership: target('membership, no noise: members found at 1 % accused', MEMBERSHIP, '%', { atLeast: 10 }),
  noisyMembership: target('membership, DP-SGD: members found beyond e^ε·FPR + δ', MEMBERSHIP, 'points', { atMost: 0 }),
  insider: target('insider, masked run: classes it drew, of 5', INSIDER, 'classes', { atLeast: 4 }),
  noisyInsider: target('insider, participant-level DP: classes it drew, of 5', INSIDER, 'classes', { atMost: 2 }),
};
