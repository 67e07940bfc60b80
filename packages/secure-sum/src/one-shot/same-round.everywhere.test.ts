import { wasmEngine } from '@sumus/lattice/engine';
import { loadWebPrimitives } from '@sumus/platform/web';
import { sameRoundSuite } from './same-round.contract.ts';

sameRoundSuite('the web', () => loadWebPrimitives(), wasmEngine);
