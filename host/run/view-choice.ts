import { parseViewList } from '../../engine/pipeline/view-list.js';
import type { CaptureView } from '../../engine/scene/view.js';
import { UsageError } from './user-errors.js';

/** Which views are kept out of training and scored afterwards. */
export type HoldOut =
  | { readonly kind: 'every'; readonly step: number }
  | { readonly kind: 'rest' }
  | { readonly kind: 'list'; readonly list: string };

export interface ViewSplit {
  readonly train: readonly CaptureView[];
  readonly heldOut: readonly CaptureView[];
}

/** The views that a LIST names, in sorted order, each once. */
export function chooseViews(views: readonly CaptureView[], list: string | undefined): CaptureView[] {
  if (list === undefined) return [...views];
  const indices = parseViewList(
    list,
    views.map((view) => view.name),
  );
  return indices.map((index) => views[index] as CaptureView);
}

function chooseHeldOut(
  views: readonly CaptureView[],
  holdOut: HoldOut,
  named: ReadonlySet<CaptureView>,
): CaptureView[] {
  if (holdOut.kind === 'every') return views.filter((_, index) => index % holdOut.step === 0);
  if (holdOut.kind === 'list') return chooseViews(views, holdOut.list);
  if (named.size === views.length) throw new UsageError('--hold-out rest: --train-views leaves no view over.');
  return views.filter((view) => !named.has(view));
}

/**
 * Divides a capture into what is trained on and what is scored afterwards; nothing is ever in both.
 *
 * @param fewest views to train on: two, or one where sensors tell its depth.
 */
export function splitViews(
  views: readonly CaptureView[],
  trainList: string | undefined,
  holdOut: HoldOut | undefined,
  fewest = 2,
): ViewSplit {
  const named = chooseViews(views, trainList);
  if (holdOut?.kind === 'rest' && trainList === undefined)
    throw new UsageError('--hold-out rest needs --train-views: the rest of what?');
  const heldOut = holdOut === undefined ? [] : chooseHeldOut(views, holdOut, new Set(named));
  const kept = new Set(heldOut);
  const train = named.filter((view) => !kept.has(view));
  if (train.length < fewest)
    throw new UsageError(
      `Only ${train.length} of ${views.length} views would be left to train on; ${fewest === 1 ? 'one is' : 'two are'} needed.`,
    );
  return { train, heldOut };
}
