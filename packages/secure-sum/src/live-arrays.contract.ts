// Test material, Node only: looks through every typed array that is alive, whoever holds it (closures, weak maps, queues), for bytes that
// should be gone. The inspector collects garbage first, so what is found is reachable. It cannot see what V8 left behind when it moved
// an array, nor what OpenSSL holds: SECURITY.md says so.

import { type Runtime, Session } from 'node:inspector';

const VEIL = 0x55;

/** Secrets as they are looked for: veiled, or the list itself would be found. */
export class Watched {
  readonly #veiled: { readonly name: string; readonly bytes: readonly number[] }[] = [];

  /** At least 16 bytes, so that nothing looks like them by chance. */
  add(name: string, bytes: Uint8Array): void {
    if (bytes.length < 16) throw new Error(`${name} is too short to look for`);
    this.#veiled.push({ name, bytes: Array.from(bytes.subarray(0, 32), (byte) => byte ^ VEIL) });
  }

  get size(): number {
    return this.#veiled.length;
  }

  /** Names of those that are alive, in the bytes of any array; one name for each array that holds them. */
  async alive(): Promise<string[]> {
    const session = new Session();
    session.connect();
    try {
      // The prototype of all typed arrays: whatever an array's type, the buffer behind it is looked through.
      const prototype = await ask<Runtime.EvaluateReturnType>((answer) =>
        session.post('Runtime.evaluate', { expression: 'Object.getPrototypeOf(Uint8Array.prototype)' }, answer),
      );
      const prototypeObjectId = prototype.result.objectId ?? '';
      const { objects } = await ask<Runtime.QueryObjectsReturnType>((answer) =>
        session.post('Runtime.queryObjects', { prototypeObjectId }, answer),
      );
      const objectId = objects.objectId ?? '';
      const functionDeclaration = String(lookThrough);
      const args = [{ value: this.#veiled }, { value: VEIL }];
      const { result, exceptionDetails } = await ask<Runtime.CallFunctionOnReturnType>((answer) =>
        session.post(
          'Runtime.callFunctionOn',
          { objectId, functionDeclaration, arguments: args, returnByValue: true },
          answer,
        ),
      );
      await ask<object>((answer) => session.post('Runtime.releaseObject', { objectId }, (error) => answer(error, {})));
      const names: unknown = result.value;
      if (exceptionDetails !== undefined || !Array.isArray(names)) throw new Error('nothing was looked through');
      return [...new Set(names.map(String))].sort();
    } finally {
      session.disconnect();
    }
  }
}

type Answer<Result> = (error: Error | null, result: Result) => void;

const ask = <Result>(post: (answer: Answer<Result>) => void): Promise<Result> =>
  new Promise((resolve, reject) => {
    post((error, result) => (error === null ? resolve(result) : reject(error)));
  });

/** Runs where the objects are; `this` is all of them. */
function lookThrough(
  this: readonly ArrayBufferView[],
  veiled: readonly { readonly name: string; readonly bytes: readonly number[] }[],
  veil: number,
): string[] {
  const names: string[] = [];
  const seen = new Set<ArrayBufferLike>();
  const firsts = new Map<number, (typeof veiled)[number][]>();
  for (const secret of veiled) {
    const first = secret.bytes[0]! ^ veil;
    firsts.set(first, [...(firsts.get(first) ?? []), secret]);
  }
  for (const array of this) {
    // A prototype is no array.
    if (!ArrayBuffer.isView(array) || seen.has(array.buffer)) continue;
    seen.add(array.buffer);
    const bytes = new Uint8Array(array.buffer);
    for (let at = 0; at + 16 <= bytes.length; at++) {
      for (const { name, bytes: secret } of firsts.get(bytes[at]!) ?? []) {
        if (at + secret.length > bytes.length) continue;
        let same = 0;
        while (same < secret.length && (bytes[at + same]! ^ veil) === secret[same]) same += 1;
        if (same === secret.length) names.push(name);
      }
    }
  }
  return names;
}
