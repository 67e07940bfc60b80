// The door `@sumus/wire/link`: invitations, for owners and participants. Closed to the server: it exports a secret.
export { type EnrolmentClaim, enrolmentProof, isEnrolmentProof } from './enrolment-proof.ts';
export { type InvitationLink, readInvitationLink, writeInvitationLink } from './invitation-link.ts';
export { INVITATION_SECRET_BYTES, InvitationSecret } from './invitation-secret.ts';
