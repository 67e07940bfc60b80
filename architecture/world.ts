// Where a library touches the world: clocks, randomness, the network, the console, timers, Node, the DOM; as a value or
// as a type. A name counts only where it means the global one: `window` as a parameter of a sliding window is a fine name.
import ts from 'typescript';
import { lineOf } from './imports.ts';

export interface Touch {
  readonly name: string;
  readonly line: number;
}

const worldly = new Set(
  `fetch process console setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask
   requestAnimationFrame requestIdleCallback document window self top parent frames navigator location history localStorage
   sessionStorage indexedDB caches performance crypto Crypto SubtleCrypto XMLHttpRequest WebSocket WebTransport EventSource
   Worker SharedWorker ServiceWorker BroadcastChannel MessageChannel MessagePort Request Response Headers AbortController
   AbortSignal Event EventTarget Blob File FileReader Window Document Element HTMLElement Node NodeJS Buffer require
   __dirname __filename global Deno Bun eval Function alert`.split(/\s+/),
);

/** Globals of which only some doors lead outside: everything else of `Math` is pure. */
const refusedMembers = new Map<string, (member: string) => boolean>([
  ['Math', (member) => member === 'random'],
  ['Date', (member) => member === 'now'],
  // WebAssembly is the one thing of the platform that a library may use (docs/architecture.md, rule 2).
  ['globalThis', (member) => member !== 'WebAssembly'],
]);

export function touchesOfTheWorld(syntax: ts.SourceFile): Touch[] {
  const touches: Touch[] = [];
  const add = (name: string, node: ts.Node): void => {
    touches.push({ name, line: lineOf(syntax, node) });
  };
  for (const reference of [...syntax.libReferenceDirectives, ...syntax.typeReferenceDirectives]) {
    const line = syntax.getLineAndCharacterOfPosition(reference.pos).line + 1;
    touches.push({ name: `/// <reference … "${reference.fileName}" />`, line });
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isReference(node) && !isBound(node)) {
      const refused = refusedMembers.get(node.text);
      if (worldly.has(node.text)) add(node.text, node);
      else if (refused !== undefined) {
        const members = membersTaken(node);
        if (members === undefined) add(`${node.text} as a whole`, node);
        else for (const member of members.filter(refused)) add(`${node.text}.${member}`, node);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return touches;
}

/** Whether an identifier stands for a variable or a type, and is not merely the name of a member, key or declaration. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isNamespaceImport(parent)) return false;
  if (ts.isExportSpecifier(parent))
    return (parent.propertyName ?? parent.name) === node && parent.parent.parent.moduleSpecifier === undefined;
  if (ts.isMetaProperty(parent) || ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  return !('name' in parent && parent.name === node);
}

/**
 * The members that this mention of a global takes from it: `g.a`, `g['a']`, `const { a } = g`, `new g(…)`.
 * Undefined when it is used whole, because then it can be taken anywhere under another name.
 */
function membersTaken(node: ts.Identifier): string[] | undefined {
  let whole: ts.Node = node;
  while (
    ts.isAsExpression(whole.parent) ||
    ts.isParenthesizedExpression(whole.parent) ||
    ts.isNonNullExpression(whole.parent) ||
    ts.isSatisfiesExpression(whole.parent)
  ) {
    whole = whole.parent;
  }
  const parent = whole.parent;
  if (ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent)) return [];
  if (ts.isPropertyAccessExpression(parent) && parent.expression === whole) return [parent.name.text];
  if (ts.isQualifiedName(parent)) return [parent.right.text];
  if (ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression))
    return [parent.argumentExpression.text];
  if (ts.isVariableDeclaration(parent) && parent.initializer === whole && ts.isObjectBindingPattern(parent.name)) {
    if (parent.name.elements.some((one) => one.dotDotDotToken !== undefined)) return undefined;
    return parent.name.elements.map((one) => (one.propertyName ?? one.name).getText());
  }
  // `new Date(ms)` converts; `new Date()` and `Date()` look at the clock.
  if (ts.isNewExpression(parent) && node.text === 'Date') return (parent.arguments?.length ?? 0) > 0 ? [] : ['now'];
  return undefined;
}

/** Whether an enclosing scope of the file declares the name. A `declare const process` declares nothing: it names the global. */
function isBound(node: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = node.parent; scope !== undefined; scope = scope.parent) {
    if (declaredIn(scope).has(node.text)) return true;
  }
  return false;
}

const declarations = new WeakMap<ts.Node, Set<string>>();

function declaredIn(scope: ts.Node): Set<string> {
  const known = declarations.get(scope);
  if (known !== undefined) return known;
  const names = new Set<string>();
  declarations.set(scope, names);
  const bind = (name: ts.Node | undefined): void => {
    if (name === undefined) return;
    if (ts.isIdentifier(name)) names.add(name.text);
    else if (ts.isObjectBindingPattern(name) || ts.isArrayBindingPattern(name)) {
      for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name);
    }
  };
  const bindList = (list: ts.Node | undefined): void => {
    if (list !== undefined && ts.isVariableDeclarationList(list)) for (const one of list.declarations) bind(one.name);
  };
  if (ts.isFunctionLike(scope)) {
    for (const parameter of scope.parameters) bind(parameter.name);
    if (ts.isFunctionExpression(scope)) bind(scope.name);
  }
  if ('typeParameters' in scope) {
    for (const one of (scope.typeParameters as readonly ts.TypeParameterDeclaration[] | undefined) ?? [])
      bind(one.name);
  }
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) bindList(scope.initializer);
  if (ts.isCatchClause(scope)) bind(scope.variableDeclaration?.name);
  if (ts.isBlock(scope) || ts.isSourceFile(scope) || ts.isModuleBlock(scope) || ts.isCaseOrDefaultClause(scope)) {
    for (const statement of scope.statements) bindStatement(statement, bind, bindList);
  }
  return names;
}

function bindStatement(
  statement: ts.Statement,
  bind: (name: ts.Node | undefined) => void,
  bindList: (list: ts.Node) => void,
): void {
  const ambient =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword);
  if (ambient === true) return;
  if (ts.isVariableStatement(statement)) bindList(statement.declarationList);
  else if (ts.isImportDeclaration(statement)) {
    const clause = statement.importClause;
    bind(clause?.name);
    const bindings = clause?.namedBindings;
    if (bindings !== undefined && ts.isNamespaceImport(bindings)) bind(bindings.name);
    if (bindings !== undefined && ts.isNamedImports(bindings)) for (const one of bindings.elements) bind(one.name);
  } else if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  ) {
    bind(statement.name);
  }
}
