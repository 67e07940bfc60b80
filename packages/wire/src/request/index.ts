// The door `@sumus/wire/request`: requests that say who asks.
export { RecentNonces } from './nonces.ts';
export {
  isSigned,
  type Method,
  NONCE_BYTES,
  type NonceMemory,
  REQUEST_WINDOW_MS,
  type RequestToSign,
  type RequestToVerify,
  requireBody,
  type SignedHeaders,
  signRequest,
  type VerifiedRequest,
  verifyRequest,
} from './signed-request.ts';
