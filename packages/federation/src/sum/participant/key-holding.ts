import type { Output, Send } from '@sumus/secure-sum/machine';
import { agreementOf, type SecretKey } from '@sumus/secure-sum/secret-primitives';
import type { MemberSetting } from '@sumus/secure-sum/threshold';
import type { Drawn } from '../drawn.ts';
import { circleIn } from '../shared-key.ts';
import type { SumEnvironment } from './state.ts';
import { thresholdParametersOf } from './threshold-key.ts';

/** What founding a key and serving it have in common. */
export interface KeyHolding {
  readonly drawn: Drawn;
  readonly setting: MemberSetting;
  readonly secretBoxKey: SecretKey<'x25519'>;
}

export async function keyHolding(
  env: SumEnvironment,
  drawn: Drawn,
  secretBoxKey: SecretKey<'x25519'>,
  nowMs: number,
): Promise<KeyHolding> {
  const { setup, open } = env;
  const { primitives, engines, certificate, signer } = setup;
  const circle = await circleIn(primitives, setup, open, drawn, nowMs);
  const lattice = { engine: engines.lattice.engine, primitives };
  const parameters = thresholdParametersOf(setup);
  const boxKey = await agreementOf(primitives, secretBoxKey);
  const setting = { lattice, circle, parameters, primitives, memberId: certificate.memberId, signer, boxKey };
  return { drawn, setting, secretBoxKey };
}

export const sendsIn = (outputs: readonly Output<unknown>[]): readonly Send[] =>
  outputs.filter((output) => output.kind === 'send');
