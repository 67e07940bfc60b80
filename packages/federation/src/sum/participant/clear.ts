// A participant's half of a sum without protection: one signed message with its words as they are, under the certificate of its owner. For runs
// whose plan says so with its reason, where the participant's own policy allows it: the coordinator sees every summand.

import { CanonicalWriter } from '@sumus/secure-sum/canonical';
import { ParameterError, ProtocolViolation } from '@sumus/secure-sum/errors';
import { encodeCertificate } from '@sumus/secure-sum/identity';
import { done, PERSIST, send, TO_COORDINATOR } from '@sumus/secure-sum/machine';
import { encodeMessage, signMessage } from '@sumus/secure-sum/messages';
import { ABSTAIN, CLEAR_WORDS } from '../clear-words.ts';
import { decodeList, encodeList, FRAME } from '../frame.ts';
import { decodeOpened, requireWords, wordBytes, wordsOfBytes } from '../opened.ts';
import { requireWithin } from './own-words.ts';
import type { ProtocolStep, SecretProtocol, SumEnvironment } from './state.ts';

/** `sent`: the frame's type and what was signed; undefined before. */
export function clearSum(
  env: SumEnvironment,
  sent?: { readonly type: string; readonly bytes: Uint8Array } | undefined,
): SecretProtocol {
  const { setup, open, id } = env;
  const { primitives, signer, certificate, encoding } = setup;
  const sender = certificate.memberId;

  async function say(type: string, kind: typeof CLEAR_WORDS, body: Uint8Array): Promise<SecretProtocol> {
    if (sent !== undefined) throw new ProtocolViolation('E_PHASE', `${sender} has spoken in this sum`);
    const message = encodeMessage(await signMessage(primitives, signer, open, { ...kind, sender, body }));
    const bytes = new CanonicalWriter(message.length + 512)
      .blob('certificate', encodeCertificate(certificate))
      .blob('message', message)
      .finish();
    return clearSum(env, { type, bytes });
  }

  const said = async (standing: ProtocolStep['standing'], protocol: SecretProtocol): Promise<ProtocolStep> => ({
    protocol,
    standing,
    outputs: [PERSIST, ...(await protocol.resume())],
  });

  return Object.freeze<SecretProtocol>({
    kind: 'clear',
    phase: 'contributing',
    wantsWords: sent === undefined,
    own: sent?.type === FRAME.words ? primitives.sha256(sent.bytes) : undefined,
    words: async (standing, words) => {
      requireWithin(words, encoding);
      return said(standing, await say(FRAME.words, CLEAR_WORDS, wordBytes(words)));
    },
    abstain: async (standing) => said(standing, await say(FRAME.abstain, ABSTAIN, new Uint8Array(0))),
    received: async (standing, { type, body }) => {
      if (type !== FRAME.opened) throw new ProtocolViolation('E_PHASE', `${type} in a sum without protection`);
      const opened = decodeOpened(body);
      const sum = wordsOfBytes(opened.carrier, encoding.words);
      requireWords(primitives, id, setup, opened, sum);
      return { protocol: clearSum(env, sent), standing, outputs: [PERSIST, done({ opened, sum })] };
    },
    resume: async () => (sent === undefined ? [] : [send(TO_COORDINATOR, sent.type, sent.bytes)]),
    end: async () => undefined,
    storeInTheClear: () =>
      sent === undefined ? encodeList() : encodeList(Uint8Array.of(sent.type === FRAME.words ? 1 : 0), sent.bytes),
  });
}

export function restoreClear(env: SumEnvironment, stored: Uint8Array): SecretProtocol {
  const [kind, bytes] = decodeList(stored, 'a sum without protection');
  if (kind === undefined || bytes === undefined) return clearSum(env);
  if (kind.length !== 1) throw new ParameterError('a stored sum of another kind');
  return clearSum(env, { type: kind[0] === 1 ? FRAME.words : FRAME.abstain, bytes: bytes.slice() });
}
