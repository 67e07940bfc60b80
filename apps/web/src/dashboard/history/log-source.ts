// Where a log comes from: a file that was opened or dropped, an address that gives it whole, or a run of a coordinator as it happens. Each is
// a stream of bytes with a newline after every event; what the network does to a live one is live-events.ts's.

export type LogSource =
  | { readonly kind: 'file'; readonly file: Blob; readonly name: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'live'; readonly run: string };
