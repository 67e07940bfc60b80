// Time as it is handed in: what is written into messages, and when something is done again.

export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Once, later; the answer takes it back. */
  after(delayMs: number, action: () => void): () => void;
}

/** Resolves later, or at once when `wake` is called. */
export function pause(clock: Clock, delayMs: number): { readonly over: Promise<void>; readonly wake: () => void } {
  let wake = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    const takeBack = clock.after(delayMs, resolve);
    wake = () => {
      takeBack();
      resolve();
    };
  });
  return { over, wake: () => wake() };
}
