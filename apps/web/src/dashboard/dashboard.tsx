// The dashboard, top to bottom.
import type { JSX } from 'preact';

export function Dashboard(): JSX.Element {
  return <h1>Dashboard</h1>;
}
