// The command line as data, for scripts that complete it: what may stand behind what, taken from the declarations themselves, so that there is
// no second list that could fall behind.
import type { Command, Option } from 'commander';

export interface CommandNode {
  /** The words that lead here: `plan`, `new`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly OptionNode[];
}

export interface OptionNode {
  readonly flags: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** Every command that there is, the program itself first. */
export function commandTree(program: Command): readonly CommandNode[] {
  const visit = (command: Command, words: readonly string[]): CommandNode[] => {
    const help = command.createHelp();
    const below = help.visibleCommands(command);
    const node: CommandNode = {
      words,
      summary: command.description(),
      commands: below.map((one) => ({ name: one.name(), summary: one.description() })),
      options: help.visibleOptions(command).map(optionNode),
    };
    return [node, ...command.commands.flatMap((one) => visit(one, [...words, one.name()]))];
  };
  return visit(program, []);
}

const optionNode = (option: Option): OptionNode => ({
  flags: [option.long, option.short].filter((flag) => flag !== undefined && flag !== null),
  summary: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
});
