// What this process tells its operator: one JSON object a line. Facts are names and numbers that a handler chose; bodies, headers, invitations'
// secrets and keys that are not public never come here, because nothing that is handed in can hold them.

export type Level = 'info' | 'warn' | 'error';
export type Facts = Readonly<Record<string, string | number>>;
export type Log = (level: Level, message: string, facts?: Facts) => void;

export function jsonLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  return (level, message, facts = {}) => {
    const shown = Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, 500) : value]),
    );
    write(`${JSON.stringify({ at: now().toISOString(), level, message, ...shown })}\n`);
  };
}
