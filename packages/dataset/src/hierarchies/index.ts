// The door of src/hierarchies: read from files, built from values, written as files.
export { categoryHierarchy, dateHierarchy, maskingHierarchy, type NumberLevels, numberHierarchy } from './built.ts';
export { boundColumn, builtHierarchy, distinctCells, type HierarchySpec, resolvedSpec } from './columns.ts';
export { type HierarchyFile, hierarchyFromCsv, hierarchyToCsv } from './csv.ts';
export { type Hierarchy, type HierarchyOrigin, hierarchyOfRows } from './hierarchy.ts';
