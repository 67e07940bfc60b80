import { nodePrimitives } from '@sumus/platform/node';
import { sameSumSuite } from './same-sum.contract.ts';

sameSumSuite('Node', nodePrimitives);
