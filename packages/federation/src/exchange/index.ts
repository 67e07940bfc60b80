// The door `@sumus/federation/exchange`: who trains when, and how contributions become the next model. Public rules; everybody.
export {
  advancedControl,
  controlChange,
  driftCorrection,
  joined,
  nextSharedControl,
  parted,
} from './control-variates.ts';
export { membersOf, type Permutation } from './order.ts';
export {
  awaited,
  type ScheduleEvent,
  type ScheduleRefusal,
  type ScheduleRule,
  type ScheduleState,
  type ScheduleStep,
  scheduleRule,
  scheduleStep,
  startAgain,
  startSchedule,
} from './schedule.ts';
export { type MeanUpdate, type ServerModel, serverStep, startServer } from './server-optimiser.ts';
export { exampleWeight, staleWeight, weighted } from './weights.ts';
