import type { ImportProblem } from './import-plan.js';

/** Sixty notices that say the same hide the one that matters. */
const ALIKE_SHOWN = 10;

/** Of problems with the same words the first few are kept and the rest becomes one sentence. */
export function groupProblems(problems: readonly ImportProblem[]): ImportProblem[] {
  const alike = new Map<string, number>();
  const keyOf = ({ kind, message }: ImportProblem): string => `${kind} ${message}`;
  for (const problem of problems) alike.set(keyOf(problem), (alike.get(keyOf(problem)) ?? 0) + 1);
  const shown = new Map<string, number>();
  return problems.flatMap((problem) => {
    const key = keyOf(problem);
    const already = shown.get(key) ?? 0;
    shown.set(key, already + 1);
    if (already < ALIKE_SHOWN) return [problem];
    const more = (alike.get(key) ?? 0) - ALIKE_SHOWN;
    if (already > ALIKE_SHOWN || more === 1) return already > ALIKE_SHOWN ? [] : [problem];
    return [{ ...problem, message: `${problem.message} The same holds for ${more - 1} more files.`, isPhoto: false }];
  });
}
