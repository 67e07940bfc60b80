// A file that the user named, as text; what cannot be read was typed wrongly.
import { readFileSync } from 'node:fs';
import { UsageError } from '../command.ts';

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
