// The door `@sumus/wire/stream`: server-sent events, and what a participant is told in them.
export { EventReader, eventText, HEARTBEAT, HEARTBEAT_MS, type StreamEvent } from './event-stream.ts';
export {
  type MessageOut,
  type MessagePlace,
  messageEvent,
  messageOutJson,
  readMessageEvent,
} from './messages-out.ts';
