// The door `@sumus/secure-sum/identity`: certificates and their revocation, and the charter that says whose. Public; the coordinator enters too.
export { type MemberId, memberId } from '../canonical/index.ts';
export {
  CERTIFICATE_BYTES_AT_MOST,
  type Certificate,
  type CertificateFields,
  certificateHash,
  certify,
  decodeCertificate,
  encodeCertificate,
  type Role,
  sameCertificate,
  type Trust,
  type ValidCertificate,
  verifyCertificate,
} from './certificate.ts';
export {
  type Charter,
  type CharterFields,
  charterHash,
  decodeCharter,
  encodeCharter,
  signCharter,
  type TrustRoots,
  verifyCharter,
} from './charter.ts';
export {
  decodeRevocationList,
  encodeRevocationList,
  noRevocations,
  type RevocationFields,
  type RevocationList,
  type Revocations,
  type RevocationTrust,
  revoke,
  verifyRevocations,
} from './revocation.ts';
