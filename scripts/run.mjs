// Child processes without a shell: the same on Linux, macOS and Windows, and in paths with blanks.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const say = (line) => process.stderr.write(`sumus · ${line}\n`);

/** Runs a program to its end and returns its exit code; output goes where ours goes. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Runs a script under this Node and stops the whole command with its exit code when it fails. */
export async function mustRunNode(script, args = [], options = {}) {
  const code = await run(process.execPath, [script, ...args], options);
  if (code !== 0) {
    say(`failed with exit code ${code}: ${script} ${args.join(' ')}`);
    process.exit(code);
  }
}

/** npm's own entry script: handed over by npm when it runs us, else beside this Node. */
export function npmScript() {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find((path) => path?.endsWith('.js') && existsSync(path));
  if (found === undefined)
    throw new Error('npm was not found beside this Node; start this script through npm (npm start, npm test)');
  return found;
}

/** The script behind a development tool's command, found through its package, never through a shell's PATH. */
export function toolScript(packageName, command) {
  const require = createRequire(join(root, 'package.json'));
  const manifestPath = join(root, 'node_modules', packageName, 'package.json');
  const bin = require(manifestPath).bin;
  return join(dirname(manifestPath), typeof bin === 'string' ? bin : bin[command]);
}
