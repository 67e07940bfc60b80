// One part of the dashboard: its place, its title, a sentence, and what is in it.
import type { ComponentChildren, JSX } from 'preact';

export interface PartProps {
  readonly name: string;
  readonly title: string;
  readonly lead?: string;
  readonly children: ComponentChildren;
}

export function Part({ name, title, lead, children }: PartProps): JSX.Element {
  return (
    <section id={name} class={`part ${name}`} aria-labelledby={`${name}-title`}>
      <header class="stack tight">
        <h2 id={`${name}-title`}>{title}</h2>
        {lead !== undefined && <p class="soft">{lead}</p>}
      </header>
      {children}
    </section>
  );
}
