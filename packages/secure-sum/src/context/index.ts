// The door `@sumus/secure-sum/context`: what a round is, and what is derived under it. Public; the coordinator enters too.
export { configurationHash, encodeConfiguration, type RoundConfiguration } from './configuration.ts';
export {
  type AnyContext,
  type Context,
  type LaterFields,
  type OpenContext,
  type OpenFields,
  openContext,
  type RoundPoint,
  suiteOf,
  wholeContext,
} from './context.ts';
export { type Derivation, derive } from './derive.ts';
export { HYBRID_SUITE, SUITE, SUITES, type Suite } from './suite.ts';
