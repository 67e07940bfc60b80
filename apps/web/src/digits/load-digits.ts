// The digits of the page's own folder. Nothing else is ever asked for.
import { type Digits, digitsIn } from './digits.ts';

/** `address`: of digits.png, as the page knows it. */
export async function loadDigits(address: string): Promise<Digits> {
  const response = await fetch(address, { credentials: 'omit', redirect: 'error' });
  if (!response.ok) throw new Error(`digits.png is not there: ${response.status}`);
  return digitsIn(new Uint8Array(await response.arrayBuffer()));
}

export const digitsAddress = (): string => new URL('./digits.png', document.baseURI).href;
