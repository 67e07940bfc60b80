// A column of a table as Mondrian takes it: numbers and dates in order; texts by their hierarchy where a file gives one, else in
// the order of the dictionary: as a schema declares it, else as the texts first appear.
import { ParameterError } from '../errors.ts';
import { boundColumn, distinctCells } from '../hierarchies/columns.ts';
import type { HierarchyChoice } from '../policy/policy.ts';
import type { Column } from '../table/index.ts';
import type { MondrianColumn } from './mondrian.ts';
import { type HierarchyFiles, hierarchyFor } from './prepare.ts';

export function mondrianColumn(column: Column, choice: HierarchyChoice, files: HierarchyFiles): MondrianColumn {
  const { name } = column;
  if (column.type === 'category' && choice.kind !== 'automatic') {
    const { hierarchy, codes } = boundColumn(column, hierarchyFor(column, choice, files));
    return { kind: 'tree', name, codes, hierarchy };
  }
  const { texts, values, codes, missingCode } = distinctCells(column);
  if (values === undefined) return { kind: 'ordered', name, codes, labels: texts };
  if (missingCode !== undefined) {
    throw new ParameterError(`column ${name} has missing cells, which lie in no interval: say missing: drop-rows`);
  }
  return { kind: 'ordered', name, codes, labels: texts, values };
}
