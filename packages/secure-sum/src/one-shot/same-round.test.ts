import { referenceEngine, wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { sameRoundSuite } from './same-round.contract.ts';

sameRoundSuite('Node', nodePrimitives, wasmEngine);
sameRoundSuite('Node and the reference engine', nodePrimitives, referenceEngine);
