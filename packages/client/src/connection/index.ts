// The door `@sumus/client/connection`: signed requests to one server, for participants and owners.
export { Connection, type ConnectionSetup, type Listening, type Question } from './connection.ts';
export { type Patience, passes, patiently, pauseMs } from './patience.ts';
export { type Upload, upload } from './upload.ts';
