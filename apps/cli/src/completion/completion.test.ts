// What a shell offers: asked of the shells themselves, where they are.
import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { runCommandLine } from '../program.ts';
import { commandTree } from './command-tree.ts';
import { completionScript, shells } from './scripts.ts';

const hasShell = (name: string): boolean => spawnSync(name, ['-c', 'exit 0']).status === 0;

const small = (): Command => {
  const program = new Command('sumus');
  const plan = program.command('plan').description("an owner's plan");
  plan
    .command('new')
    .description('writes one')
    .option('-o, --out <file>', 'where it goes')
    .addOption(new Option('--model <name>', 'which').choices(['mlp', 'lenet']));
  program.command('serve').option('--listen <address>', 'where').option('--json', 'for programs');
  return program;
};

describe('completion', () => {
  const tree = commandTree(small());

  it('knows every command that is declared, with its options and their choices', () => {
    expect(tree.map(({ words }) => words.join(' '))).toEqual(['', 'plan', 'plan new', 'serve']);
    expect(tree[2]?.options).toContainEqual({
      flags: ['--model'],
      summary: 'which',
      takesValue: true,
      choices: ['mlp', 'lenet'],
    });
  });

  /** What bash offers for a line, the cursor at its end. */
  const offered = (...words: string[]): string[] => {
    const script = `${completionScript('bash', tree)}
COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _sumus; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  };

  it.skipIf(!hasShell('bash'))('in bash offers what may come next, and nothing of another command', () => {
    expect(offered('sumus', 'p')).toEqual(['plan']);
    expect(offered('sumus', 'plan', '')).toEqual(expect.arrayContaining(['new', '--help']));
    expect(offered('sumus', 'plan', 'new', '--m')).toEqual(['--model']);
    expect(offered('sumus', 'plan', 'new', '--model', '')).toEqual(['mlp', 'lenet']);
    expect(offered('sumus', 'plan', 'new', '--model', 'mlp', '--o')).toEqual(['--out']);
    expect(offered('sumus', 'serve', '--l')).toEqual(['--listen']);
    expect(offered('sumus', 'serve', 'pl')).toEqual(['']);
  });

  it.each(shells)('of this version is a script that %s reads, with every command in it', async (shell) => {
    let said = '';
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    const status = await runCommandLine(['completion', shell]);
    spy.mockRestore();
    expect(status).toBe(0);
    for (const word of ['plan', 'simulate', 'ledger', 'completion']) expect(said).toContain(word);
    if (!hasShell(shell)) return;
    const { status: read, stderr } = spawnSync(shell, ['-n'], { input: said, encoding: 'utf8' });
    expect([read, stderr]).toEqual([0, '']);
  });

  it('of another shell is refused', async () => {
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    expect(await runCommandLine(['completion', 'tcsh'])).toBe(2);
    spy.mockRestore();
  });
});
