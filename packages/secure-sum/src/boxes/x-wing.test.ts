import { nodePrimitives } from '@sumus/platform/node';
import { xWingSuite } from './x-wing.contract.ts';

xWingSuite('Node', nodePrimitives);
