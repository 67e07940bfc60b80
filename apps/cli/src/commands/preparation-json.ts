// How a table becomes numbers, as it stands in a model's file: what is predicted, its classes, and a recipe of means, deviations and categories.
import { recipeFromJson } from '@sumus/dataset/prepare';
import { UsageError } from '../command.ts';
import type { Preparation } from './table-examples.ts';

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
