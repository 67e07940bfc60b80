// The door `@sumus/secure-sum/messages`: signed messages, and that nobody says two things.
export {
  decodeMessage,
  ENVELOPE_BYTES_AT_MOST,
  type Expected,
  encodeMessage,
  type MessageKind,
  type SignedMessage,
  signedBytes,
  signMessage,
  type VerifiedMessage,
  verifyMessage,
} from './envelope.ts';
export {
  type Admission,
  type AdmissionOptions,
  admit,
  decodeReceived,
  encodeReceived,
  NOTHING_RECEIVED,
  type Received,
} from './received.ts';
