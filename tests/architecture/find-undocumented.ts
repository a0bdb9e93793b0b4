/** Finds exported functions without a docstring, by TypeScript's own parser. */
import ts from 'typescript';

function isExported(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
}

function isPrivate(node: ts.ClassElement): boolean {
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword, ts.SyntaxKind.OverrideKeyword];
  return (
    (node.name !== undefined && ts.isPrivateIdentifier(node.name)) ||
    (ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((m) => hidden.includes(m.kind)))
  );
}

/** A text, or a tag with a text: `@throws ImportError unless …` can say all there is to say. */
function hasDocstring(node: ts.Node): boolean {
  return ts
    .getJSDocCommentsAndTags(node)
    .filter((doc) => ts.isJSDoc(doc))
    .some((doc) => [doc, ...(doc.tags ?? [])].some(({ comment }) => ts.getTextOfJSDocComment(comment) !== undefined));
}

function isFunctionValue(node: ts.Expression | undefined): boolean {
  return node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
}

/**
 * Names (`function`, `constant` holding a function, `Class.staticMethod`) that `source` exports without a docstring.
 * Instance methods are described where their interface is; overloads count once, documented when any of them is.
 */
export function findUndocumentedFunctions(fileName: string, source: string): string[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.ES2022, true);
  const documented = new Map<string, boolean>();
  const note = (name: string, node: ts.Node): void => {
    documented.set(name, (documented.get(name) ?? false) || hasDocstring(node));
  };
  for (const statement of file.statements) {
    if (!isExported(statement)) continue;
    if (ts.isFunctionDeclaration(statement)) note(statement.name?.text ?? 'default', statement);
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        if (isFunctionValue(declaration.initializer)) note(declaration.name.getText(file), statement);
      }
    }
    if (ts.isClassDeclaration(statement)) {
      for (const member of statement.members) {
        const isStatic =
          ts.canHaveModifiers(member) &&
          (ts.getModifiers(member) ?? []).some((m) => m.kind === ts.SyntaxKind.StaticKeyword);
        if (ts.isMethodDeclaration(member) && isStatic && !isPrivate(member)) {
          note(`${statement.name?.text ?? 'default'}.${member.name.getText(file)}`, member);
        }
      }
    }
  }
  return [...documented].filter(([, has]) => !has).map(([name]) => name);
}
