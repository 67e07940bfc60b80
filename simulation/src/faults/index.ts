// The door `@sumus/simulation/faults`.
export { drawFaults, type FaultShape } from './draw.ts';
export {
  type Crash,
  type Departure,
  type Fault,
  type FaultSchedule,
  faultText,
  type Lie,
  type MessageFault,
  type MessageTrouble,
  type Place,
} from './fault.ts';
export { type Delivery, type LinkCount, Network, type NetworkOptions } from './network.ts';
