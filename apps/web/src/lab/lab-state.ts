// What the lab shows: per attack and setting what came out, and what runs now.

import { type Signal, signal } from '@preact/signals';
import type { AttackName } from '@sumus/attacks/trial';
import { askLab, Stopped, stopLab } from './lab-client.ts';
import type { InsiderShown, MembershipShown, TrialShown } from './lab-messages.ts';
import { attackNames, type SettingName, settingNames } from './settings.ts';

export type Outcomes = Readonly<Partial<Record<AttackName, Readonly<Partial<Record<SettingName, TrialShown>>>>>>;

export interface Running {
  readonly what: AttackName | 'membership' | 'insider';
  /** Of the whole question, in [0, 1]. */
  readonly share: number;
}

export const outcomes: Signal<Outcomes> = signal({});
export const own: Signal<Float32Array<ArrayBuffer> | null> = signal(null);
export const first: Signal<readonly Float32Array<ArrayBuffer>[]> = signal([]);
export const seed: Signal<number> = signal(2);
export const running: Signal<Running | null> = signal(null);
export const trouble: Signal<string | null> = signal(null);
export const membership: Signal<readonly MembershipShown[]> = signal([]);
export const insider: Signal<readonly InsiderShown[]> = signal([]);

export async function showDigits(): Promise<void> {
  await trying(async () => {
    first.value = (await askLab({ kind: 'digits' })).first;
  });
}

export function usePicture(picture: Float32Array<ArrayBuffer> | null): void {
  stopLab();
  running.value = null;
  own.value = picture;
  outcomes.value = {};
}

export async function attackAll(attacks: readonly AttackName[] = attackNames): Promise<void> {
  await trying(async () => {
    for (const attack of attacks) {
      for (const [place, setting] of settingNames.entries()) {
        const at = (share: number): void => {
          running.value = { what: attack, share: (place + share) / settingNames.length };
        };
        at(0);
        const found = await askLab({ kind: 'trial', attack, setting, seed: seed.value, own: own.value }, at);
        outcomes.value = { ...outcomes.value, [attack]: { ...outcomes.value[attack], [setting]: found } };
      }
    }
  });
}

export async function attackMembership(): Promise<void> {
  membership.value = [];
  await inTwo('membership', async (noise, onProgress) => {
    membership.value = [...membership.value, await askLab({ kind: 'membership', noise }, onProgress)];
  });
}

export async function attackAsInsider(target: number): Promise<void> {
  insider.value = [];
  await inTwo('insider', async (noise, onProgress) => {
    insider.value = [...insider.value, await askLab({ kind: 'insider', noise, target }, onProgress)];
  });
}

export function stop(): void {
  stopLab();
  running.value = null;
}

async function inTwo(
  what: Running['what'],
  one: (noise: boolean, onProgress: (share: number) => void) => Promise<void>,
): Promise<void> {
  await trying(async () => {
    for (const [place, noise] of [false, true].entries()) {
      const at = (share: number): void => {
        running.value = { what, share: (place + share) / 2 };
      };
      at(0);
      await one(noise, at);
    }
  });
}

async function trying(work: () => Promise<void>): Promise<void> {
  trouble.value = null;
  try {
    await work();
    running.value = null;
  } catch (cause) {
    if (cause instanceof Stopped) return;
    running.value = null;
    trouble.value = cause instanceof Error ? cause.message : String(cause);
  }
}
