// What the owner of a run may do.
import type { JSX } from 'preact';
import { dashboard } from '../../words/english/dashboard.ts';
import { Part } from '../part.tsx';

const words = dashboard.control;

export function ControlPart(): JSX.Element {
  return (
    <Part name="control" title={words.title}>
      <p class="soft">{words.notOwner}</p>
    </Part>
  );
}
