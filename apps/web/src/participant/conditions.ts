// What the device says about itself, so that a page does not empty a battery or a data plan unasked: a reason to wait, or none. A browser that
// says nothing gives no reason.

export interface Conditions {
  /** In [0, 1]; undefined where the browser does not say. */
  readonly batteryLevel: number | undefined;
  readonly isCharging: boolean;
  readonly savesData: boolean;
}

export type ReasonToWait = 'battery' | 'data' | undefined;

/** Below this, and not charging, training waits. */
export const LOW_BATTERY = 0.2;

export function reasonToWait({ batteryLevel, isCharging, savesData }: Conditions): ReasonToWait {
  if (batteryLevel !== undefined && !isCharging && batteryLevel < LOW_BATTERY) return 'battery';
  return savesData ? 'data' : undefined;
}

export interface Battery extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

/** Neither is in every browser, so neither is in the DOM's declarations. */
export interface Device {
  readonly getBattery?: () => Promise<Battery>;
  readonly connection?: EventTarget & { readonly saveData?: boolean };
}

/** Now, and whenever something of it changes. */
export async function watchConditions(device: Device, onChange: (conditions: Conditions) => void): Promise<void> {
  let battery: Battery | undefined;
  try {
    battery = await device.getBattery?.();
  } catch {
    // A browser may keep it from pages: then it is not known.
  }
  const say = (): void =>
    onChange({
      batteryLevel: battery?.level,
      isCharging: battery?.charging ?? true,
      savesData: device.connection?.saveData ?? false,
    });
  battery?.addEventListener('levelchange', say);
  battery?.addEventListener('chargingchange', say);
  device.connection?.addEventListener('change', say);
  say();
}
