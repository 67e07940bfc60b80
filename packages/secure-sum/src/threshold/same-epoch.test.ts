import { nodePrimitives } from '@sumus/platform/node';
import { sameEpochSuite } from './same-epoch.contract.ts';

sameEpochSuite('Node', nodePrimitives);
