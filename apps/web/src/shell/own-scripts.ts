// Where a page is served under `require-trusted-types-for 'script'`, no text becomes a script's address unless this policy says so: workers of
// the page's own origin may be started, and nothing else. It is loaded before anything that starts one.

interface ScriptPolicies {
  readonly createPolicy: (
    name: 'default',
    rules: { readonly createScriptURL: (address: string) => string | null },
  ) => unknown;
}

declare global {
  /** Where a browser has none, no policy asks for it. */
  var trustedTypes: ScriptPolicies | undefined;
}

globalThis.trustedTypes?.createPolicy('default', {
  createScriptURL: (address) => (new URL(address, location.href).origin === location.origin ? address : null),
});
