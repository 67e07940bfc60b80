// A plan for a table: the network takes as many numbers as the table's columns become, and tells as many classes apart as its target has. What
// the columns become numbers by is written beside the plan, because everybody of a run has to do the same.
import { type Architecture, architecture } from '@sumus/learning/model';
import { UsageError } from '../command.ts';
import { asUsage } from './examples-source.ts';
import { fitTable, type Preparation } from './table-examples.ts';

export interface PlanTable {
  readonly preparation: Preparation;
  readonly rows: number;
  /** The named network, with the table's inputs and classes. */
  readonly network: (model: string) => Architecture;
}

interface Given {
  readonly data: string;
  readonly target: string | undefined;
  readonly unitColumn: string | undefined;
}

const HIDDEN_UNITS = 32;

export function planTable({ data, target, unitColumn }: Given): Promise<PlanTable> {
  return asUsage({ data }, async () => {
    const fitted = await fitTable({
      data,
      ...(target === undefined ? {} : { target }),
      ...(unitColumn === undefined ? {} : { unit: unitColumn }),
    });
    const { preparation, numbers, rows } = fitted;
    const last = { kind: 'dense', units: preparation.classNames.length } as const;
    return {
      preparation,
      rows,
      network: (model) => {
        if (model === 'logistic') return architecture({ input: [numbers], layers: [last] });
        if (model !== 'mlp') throw new UsageError(`for a table --model is logistic or mlp, not ${model}`);
        const layers = [{ kind: 'dense', units: HIDDEN_UNITS }, { kind: 'relu' }, last] as const;
        return architecture({ input: [numbers], layers });
      },
    };
  });
}
