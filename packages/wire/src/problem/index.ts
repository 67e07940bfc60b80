// The door `@sumus/wire/problem`: what goes wrong, as a server says it.
export {
  isPassing,
  PROBLEM_TYPE,
  PROBLEMS,
  Problem,
  type ProblemBody,
  type ProblemCode,
  problemShape,
  statusOf,
} from './problem.ts';
