// The door `@sumus/client/joining`: from a link to a member of a run.
export { identityIn } from './identity.ts';
export {
  type Enrolled,
  EnrolmentRefused,
  type EnrolmentSetup,
  enrolled,
  type Invited,
  lookAt,
  newerRevocations,
} from './joining.ts';
export { type Pinned, placeOf } from './place.ts';
