// The door `@sumus/client/own-training`: receive, train, send.
export { type OwnResult, type OwnTask, OwnTasks } from './own-tasks.ts';
