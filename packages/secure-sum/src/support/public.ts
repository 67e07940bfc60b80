// The door `@sumus/secure-sum/support/public`: which coordinates a round sums, as everybody derives it, the server too. What a participant shares
// within them, and what it keeps, is behind `./support`.
export { drawSupport, type SupportDraw, type SupportRule } from './draw.ts';
export { freshGuide, type Guide, updatedGuide } from './guide.ts';
export { requireAnnounced, type Support, supportOf, wholeSupport } from './support.ts';
