// What a process of participants is told, and what it says.

export interface CrowdTask {
  readonly links: readonly string[];
  /** A folder each, by place, below this one. */
  readonly folder: string;
  readonly work: CrowdWork;
}

export type CrowdWork =
  /** Numbers that lie there, of the plan's length; after a while. */
  | { readonly kind: 'numbers'; readonly afterMs: number }
  /** MNIST, so many images each, drawn by a seed; in a thread. */
  | { readonly kind: 'digits'; readonly examples: number };

export type CrowdSaid =
  | {
      readonly kind: 'over';
      readonly place: number;
      readonly why: string;
      readonly model: string | null;
      readonly ledger: string;
      readonly name: string;
    }
  | { readonly kind: 'failed'; readonly place: number; readonly why: string }
  | { readonly kind: 'all over'; readonly cpuSeconds: number; readonly peakMegabytes: number };
