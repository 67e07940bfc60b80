// The door `@sumus/client/transport`: what a platform brings to reach a server.
export { Impostor, type Transport, type TransportAnswer, type TransportRequest, Unreachable } from './transport.ts';
