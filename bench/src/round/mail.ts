// What the processes of the bench say to each other, over Node's own channel between parent and child.

export type ToHost =
  | { readonly kind: 'server'; readonly plan: string; readonly key: Uint8Array }
  | {
      readonly kind: 'members';
      readonly plan: string;
      readonly coordinator: Uint8Array;
      readonly members: readonly MemberToHost[];
    }
  /** To the coordinator, or to members: one body for all of them. */
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | Delivery
  /** Members ask to be members; the run begins when all of them are. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'tick'; readonly nowMs: number }
  | { readonly kind: 'finish' };

export interface MemberToHost {
  readonly name: string;
  /** Ed25519. */
  readonly key: Uint8Array;
  /** As it travels. */
  readonly certificate: Uint8Array;
  readonly passes: boolean;
}

export interface Delivery {
  readonly kind: 'delivery';
  readonly heads: readonly { readonly to: string; readonly head: Uint8Array }[];
  readonly body: Uint8Array;
}

export type FromHost =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | Delivery
  /** An input was dealt with; what came of it was said before. */
  | { readonly kind: 'done'; readonly hasEnded: boolean }
  | { readonly kind: 'finished'; readonly times: HostTimes }
  | { readonly kind: 'failed'; readonly why: string };

export interface HostTimes {
  /** Seconds of processor time that the machines had taken, all of them together, when each release was made or taken over. */
  readonly atRelease: readonly number[];
  /** Of each release, where a server says it. */
  readonly contributors: readonly number[];
  readonly peakMegabytes: number;
}
