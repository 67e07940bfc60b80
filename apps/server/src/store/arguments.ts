// What every store asks of its arguments, so that all of them refuse the same.
import { ParameterError } from './errors.ts';
import type { BlobName, RunId } from './store.ts';

/** An event larger than this holds what should be a blob. */
export const maxLineLength: number = 64 * 1024 * 1024;
/** A piece is held in memory as a whole. */
export const maxPieceBytes: number = 16 * 1024 * 1024;

/** Names of runs become keys, file names and parts of addresses: letters, digits, `-`, `_`, `.`, not beginning with a dot. */
export function checkRun(run: RunId): void {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(run)) {
    throw new ParameterError(`a run's name is 1 to 100 letters, digits, '-', '_' or '.': ${JSON.stringify(run)}`);
  }
}

export function checkPlace(what: string, place: number): void {
  if (!Number.isSafeInteger(place) || place < 0) throw new ParameterError(`${what} is a whole number from 0: ${place}`);
}

/** One line each, of well-formed text: what no store changes on the way. */
export function checkLines(lines: readonly string[]): void {
  if (lines.length === 0) throw new ParameterError('an append has at least one event');
  for (const [index, line] of lines.entries()) {
    if (line.length > maxLineLength) {
      throw new ParameterError(
        `event ${index} has ${line.length} characters, at most ${maxLineLength} are kept as an event`,
      );
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
    if (/[\u0000-\u001f]/.test(line)) throw new ParameterError(`event ${index} is not one line of text`);
    if (/\p{Surrogate}/u.test(line)) throw new ParameterError(`event ${index} has half a surrogate pair in it`);
  }
}

export function checkBlob(blob: BlobName): void {
  if (!/^[0-9a-f]{64}$/.test(blob.sha256)) {
    throw new ParameterError(`a blob is named by 64 hexadecimal digits in lower case: ${JSON.stringify(blob.sha256)}`);
  }
  if (!Number.isSafeInteger(blob.bytes) || blob.bytes < 1) {
    throw new ParameterError(`a blob has at least one byte: ${blob.bytes}`);
  }
}

export function checkPiece(blob: BlobName, offset: number, piece: Uint8Array): void {
  checkPlace('an offset', offset);
  if (piece.length === 0 || piece.length > maxPieceBytes) {
    throw new ParameterError(`a piece has 1 to ${maxPieceBytes} bytes: ${piece.length}`);
  }
  if (offset + piece.length > blob.bytes) {
    throw new ParameterError(`bytes ${offset} to ${offset + piece.length} of a blob of ${blob.bytes}`);
  }
}
