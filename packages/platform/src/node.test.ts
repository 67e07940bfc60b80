import { nodePrimitives } from './node.ts';
import { describeContract } from './primitives.contract.ts';

const primitives = nodePrimitives();
describeContract('node.ts', () => primitives);
