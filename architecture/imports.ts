// What one file imports and exports, read from its syntax tree: every form counts, the erased ones too
// (`import type`, `import('…')` as a type, `export … from`), because a type that crosses a wall is a hole in it.
import ts from 'typescript';

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export interface Module {
  readonly path: string;
  readonly syntax: ts.SourceFile;
  readonly imports: readonly Import[];
  /** Names declared here and exported; what is passed on by `export … from` counts where it is declared. */
  readonly exportedNames: readonly string[];
}

export const lineOf = (syntax: ts.SourceFile, node: ts.Node): number =>
  syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1;

export function parseModule(path: string, text: string): Module {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: Import[] = [];
  const add = (node: ts.Node | undefined, at: ts.Node): void => {
    if (node === undefined) return;
    // A computed specifier can lead anywhere; it is kept, so that a rule can refuse it.
    const specifier = ts.isStringLiteralLike(node) ? node.text : computedSpecifier;
    imports.push({ specifier, line: lineOf(syntax, at) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, node);
    else if (ts.isExternalModuleReference(node)) add(node.expression, node);
    else if (ts.isCallExpression(node) && isImportCall(node)) add(node.arguments[0], node);
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return { path, syntax, imports, exportedNames: exportedNames(syntax) };
}

export const computedSpecifier = '(computed)';

function isImportCall(node: ts.CallExpression): boolean {
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(node.expression) && node.expression.text === 'require';
}

function exportedNames(syntax: ts.SourceFile): string[] {
  const names: string[] = [];
  for (const statement of syntax.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined) {
      const clause = statement.exportClause;
      if (clause !== undefined && ts.isNamedExports(clause)) names.push(...clause.elements.map((one) => one.name.text));
    }
    const exported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
    if (exported !== true) continue;
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) names.push(declaration.name.getText(syntax));
    } else if ('name' in statement && statement.name !== undefined) {
      names.push((statement.name as ts.Identifier).text);
    }
  }
  return names;
}
