// The route table as an OpenAPI 3.1 document: what is served is what is described, because both are the table.

import { PROBLEM_TYPE, problemShape } from '@sumus/wire/problem';
import { PARAMETERS, ROUTES, type Route, type RouteName } from '@sumus/wire/routes';

type Json = Readonly<Record<string, unknown>>;

export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'sumus',
      version,
      description:
        'A server of private training runs. Requests are signed as docs/protocol.md says, "Over the network".',
    },
    paths,
    components: {
      schemas: { Problem: problemShape.json },
      securitySchemes: {
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'sumus-signature',
          description: 'Ed25519 over the request, with sumus-key, sumus-time, sumus-nonce and sumus-body beside it',
        },
      },
    },
  };
}

function operationOf(name: RouteName, { path, askers, means, query, body, status, answer }: Route): Json {
  const isOpen = askers.includes('anybody');
  return {
    operationId: name,
    summary: means,
    description: `Asked by: ${askers.join(', ')}.`,
    ...(isOpen ? {} : { security: [{ signature: [] }] }),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => ({
        name: parameter,
        in: 'path',
        required: true,
        schema: { type: 'string', pattern: PARAMETERS[parameter]?.source },
      })),
      ...Object.entries(query).map(([parameter, { pattern, isRequired, means: description }]) => ({
        name: parameter,
        in: 'query',
        required: isRequired,
        description,
        schema: { type: 'string', pattern: pattern.source },
      })),
    ],
    ...(body.kind === 'none' ? {} : { requestBody: { required: true, content: contentOfRequest(body) } }),
    responses: {
      [status]: { description: means, ...(answer.kind === 'none' ? {} : { content: contentOfAnswer(answer) }) },
      default: {
        description: 'it was not done',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function contentOfRequest(body: Exclude<Route['body'], { kind: 'none' }>): Json {
  if (body.kind === 'json') return { 'application/json': { schema: body.shape.json } };
  return Object.fromEntries(body.types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));
}

function contentOfAnswer(answer: Exclude<Route['answer'], { kind: 'none' }>): Json {
  switch (answer.kind) {
    case 'json':
      return { 'application/json': { schema: answer.shape.json } };
    case 'bytes':
      return { [answer.type]: { schema: { type: 'string', format: 'binary' } } };
    case 'text':
      return { [answer.type]: { schema: { type: 'string' } } };
    case 'events':
      return {
        'text/event-stream': { schema: { type: 'string', description: `events whose data is ${answer.data}` } },
      };
    default:
      return answer satisfies never;
  }
}
