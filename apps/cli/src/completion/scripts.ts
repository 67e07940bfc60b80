// Scripts that complete `sumus` in a shell: bash, zsh, fish. They hold the whole command line as it was when they were printed and ask nobody;
// where a value is expected that is not one of a few, the shell completes files.
import type { CommandNode, OptionNode } from './command-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, tree: readonly CommandNode[]): string {
  switch (shell) {
    case 'bash':
      return bash(tree);
    case 'zsh':
      return zsh(tree);
    case 'fish':
      return fish(tree);
    default:
      return shell satisfies never;
  }
}

/** For every shell the same three: no name of ours has such a sign in it, and a text that had one would end the quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const wordsOf = ({ commands, options }: CommandNode): string =>
  [...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)].join(' ');

const pathsBelow = (tree: readonly CommandNode[]): string =>
  tree
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => quoted(words.join(' ')))
    .join('|');

const withChoices = ({ options }: CommandNode): readonly OptionNode[] =>
  options.filter(({ choices }) => choices.length > 0);

const takingFiles = ({ options }: CommandNode): readonly OptionNode[] =>
  options.filter(({ takesValue, choices }) => takesValue && choices.length === 0);

/** Cases of `command:option before the cursor`, in the words of bash and zsh, which agree so far. */
function casesOf(tree: readonly CommandNode[], offer: (words: string) => string, files: string): string[] {
  return tree.flatMap((node) => {
    const at = node.words.join(' ');
    const patterns = (flags: readonly string[]): string => flags.map((flag) => quoted(`${at}:${flag}`)).join('|');
    return [
      ...withChoices(node).map(
        ({ flags, choices }) => `    ${patterns(flags)}) ${offer(choices.join(' '))}; return ;;`,
      ),
      ...takingFiles(node).map(({ flags }) => `    ${patterns(flags)}) ${files}; return ;;`),
    ];
  });
}

const header = (shell: Shell, how: string): string[] => [
  `# Completes sumus in ${shell}: ${how}`,
  '# Printed by sumus completion; print it again after an update.',
];

function bash(tree: readonly CommandNode[]): string {
  const offer = (words: string): string => `COMPREPLY=($(compgen -W ${quoted(words)} -- "$current"))`;
  return [
    ...header('bash', 'eval "$(sumus completion bash)"'),
    '_sumus() {',
    `  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at="" i`,
    '  COMPREPLY=()',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    `    case "\${at:+$at }\${COMP_WORDS[i]}" in`,
    `      ${pathsBelow(tree)}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;`,
    '    esac',
    '  done',
    '  case "$at:$before" in',
    ...casesOf(tree, offer, 'COMPREPLY=($(compgen -f -- "$current"))'),
    '  esac',
    '  case "$at" in',
    ...tree.map((node) => `    ${quoted(node.words.join(' '))}) ${offer(wordsOf(node))} ;;`),
    '  esac',
    '}',
    'complete -o default -F _sumus sumus',
    '',
  ].join('\n');
}

function zsh(tree: readonly CommandNode[]): string {
  const offer = (words: string): string => `compadd -- ${words}`;
  return [
    '#compdef sumus',
    ...header('zsh', 'eval "$(sumus completion zsh)", or as _sumus in a folder of fpath'),
    '_sumus() {',
    '  local at="" i',
    '  for ((i = 2; i < CURRENT; i++)); do',
    `    case "\${at:+$at }\${words[i]}" in`,
    `      ${pathsBelow(tree)}) at="\${at:+$at }\${words[i]}" ;;`,
    '    esac',
    '  done',
    `  case "$at:\${words[CURRENT-1]}" in`,
    ...casesOf(tree, offer, '_files'),
    '  esac',
    '  case "$at" in',
    ...tree.map((node) => `    ${quoted(node.words.join(' '))}) ${offer(wordsOf(node))}; _files ;;`),
    '  esac',
    '}',
    '(( $+functions[compdef] )) && compdef _sumus sumus',
    '[[ "$funcstack[1]" == _sumus ]] && _sumus "$@"',
    'true',
    '',
  ].join('\n');
}

function fish(tree: readonly CommandNode[]): string {
  const lines = tree.flatMap((node) => {
    const here = `-n ${quoted(`__sumus_at ${node.words.join(' ')}`.trimEnd())}`;
    return [
      ...node.commands.map(
        ({ name, summary }) => `complete -c sumus -f ${here} -a ${name} -d ${quoted(summary.slice(0, 80))}`,
      ),
      ...node.options.map(({ flags, summary, takesValue, choices }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c sumus ${here} ${names.join(' ')}${value} -d ${quoted(summary.slice(0, 80))}`;
      }),
    ];
  });
  return [
    ...header('fish', 'sumus completion fish > ~/.config/fish/completions/sumus.fish'),
    'function __sumus_at',
    '  set -l at',
    '  for word in (commandline -opc)[2..-1]',
    '    set -l next (string join " " $at $word)',
    '    switch $next',
    `      case ${tree
      .filter(({ words }) => words.length > 0)
      .map(({ words }) => quoted(words.join(' ')))
      .join(' ')}`,
    '        set at $next',
    '    end',
    '  end',
    '  test "$at" = "$argv"',
    'end',
    ...lines,
    '',
  ].join('\n');
}
