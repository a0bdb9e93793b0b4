/** Resolves after the page's other tasks had their turn: input is answered and frames are drawn in the midst of long work. */
export function yieldToPage(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
