// What this package throws, by who must act. Messages name columns, limits and places in a file; a cell of somebody's table is
// quoted only where that very cell is what is wrong with the file (MalformedData), because its owner reads the message.

/** The caller asked for something that has no answer: a column that is not there, k = 0, shares that do not add up. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}

/** Where in a file something is wrong, as a person counts: lines and columns from 1. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  /** The name of the column, or its number where it has none. */
  readonly column?: string | number;
}

/** Bytes that claim to be a table or an image and are not, or that would take more than they are allowed to. */
export class MalformedData extends Error {
  override readonly name = 'MalformedData';
  readonly code = 'E_MALFORMED';
  readonly place: Place;
  readonly reason: string;

  constructor(reason: string, place: Place = {}, options?: ErrorOptions) {
    super(`${describePlace(place)}${reason}`, options);
    this.place = place;
    this.reason = reason;
  }
}

/** `people.csv, line 12, column age: `, as much of it as is known. */
export function describePlace(place: Place): string {
  const parts: string[] = [];
  if (place.file !== undefined) parts.push(place.file);
  if (place.line !== undefined) parts.push(`line ${place.line}`);
  if (place.column !== undefined) parts.push(`column ${place.column}`);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}
