// How a table becomes numbers, as a file that an owner sends along with a plan: what is predicted, its classes, and a recipe of means,
// deviations and categories. It says something about the rows that it was fitted on, and about nobody else's.
import { existsSync, writeFileSync } from 'node:fs';
import { recipeFromJson } from '@sumus/dataset/prepare';
import { UsageError } from '../command.ts';
import type { Preparation } from './table-examples.ts';
import { readText } from './text-file.ts';

const FORMAT = 'sumus/preparation/1';

export function writePreparation(path: string, preparation: Preparation): void {
  if (existsSync(path)) throw new UsageError(`${path} is there already; choose another name`);
  writeFileSync(path, `${JSON.stringify({ format: FORMAT, ...preparation }, null, 2)}\n`, { flag: 'wx' });
}

export function readPreparation(path: string): Preparation {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (cause) {
    throw new UsageError(`${path} is no JSON`, { cause });
  }
  const { format } = { ...(typeof value === 'object' ? value : {}) } as Readonly<Record<string, unknown>>;
  if (format !== FORMAT) throw new UsageError(`${path} is no preparation of this version (format ${FORMAT})`);
  return preparationFrom(value, path);
}

/** `where`: what the value stands in, for who has to mend it. */
export function preparationFrom(value: unknown, where: string): Preparation {
  try {
    const { columns, target, classNames, recipe } = { ...(value as object) } as Readonly<Record<string, unknown>>;
    if (typeof target !== 'string' || !Array.isArray(classNames)) throw new UsageError('no target or classes');
    return {
      ...(Array.isArray(columns) ? { columns: columns.map(String) } : {}),
      target,
      classNames: classNames.map(String),
      recipe: recipeFromJson(recipe),
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${where} says nothing that this version knows: ${why}`, { cause });
  }
}
