// The door `@sumus/wire/shape`: what a message must look like, and the same as JSON Schema.
export {
  flag,
  hexadecimal,
  type JsonSchema,
  list,
  number,
  object,
  oneOf,
  orNull,
  record,
  type Shape,
  tagged,
  text,
  whole,
} from './shape.ts';
