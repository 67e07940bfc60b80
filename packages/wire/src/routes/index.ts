// The door `@sumus/wire/routes`: everything that a server can be asked.
export { addressOf, type Matched, matchAddress, type Parameters } from './address.ts';
export {
  type AnswerBody,
  type Asker,
  type BodyShape,
  PARAMETERS,
  type QueryParameter,
  type RequestBody,
  type Route,
} from './route.ts';
export { ROUTES, type RouteName } from './routes.ts';
