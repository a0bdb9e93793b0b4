/** Finds the repository paths that a Markdown document names. */

const TOP_LEVEL_FOLDERS = '(?:\\.ci|assets|cli|docs|electron|engine|host|native-models|renderer|scripts|tests)';
const CODE_SPAN = /`([^`\n]+)`/g;
const LINK = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;
const IS_PATH = new RegExp(`^${TOP_LEVEL_FOLDERS}/[\\w./-]*$`);

/**
 * Paths in backticks that start with one of our folders and targets of relative links.
 * A path with a placeholder (`write-x.ts` in a recipe is written `write-<format>.ts`) names no file and is left out.
 */
export function findNamedPaths(markdown: string): string[] {
  const withoutFences = markdown.replaceAll(/^```[\s\S]*?^```/gm, '');
  const named = new Set<string>();
  for (const [, span] of withoutFences.matchAll(CODE_SPAN)) {
    if (IS_PATH.test(span!)) named.add(span!);
  }
  for (const [, target] of withoutFences.matchAll(LINK)) {
    if (!/^[a-z]+:/.test(target!)) named.add(target!);
  }
  return [...named].sort();
}
