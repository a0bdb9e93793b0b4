/** What became of each photo, and why. */
import { median } from '../math/median.js';
import type { GrowingModel } from './growing-model.js';
import type { PhotoFeatures } from './photo-features.js';
import { judgePhotos } from './photo-quality.js';
import type { Doubt, LeftOutReason, PhotoOutcome } from './pose-stage.js';
import type { SolvedCameras } from './solve-cameras.js';
import type { CheckedPair } from './verify-pairs.js';

/** A camera on fewer points may be off by more than their error says. */
export const FEW_POINTS = 40;
/** Matches beside the plane that most of a pair lie in; fewer may be wrong ones. */
const FEWEST_BESIDE_PLANE = 20;
const LEAST_SHARE_BESIDE_PLANE = 0.05;

interface Evidence {
  readonly solved: SolvedCameras;
  readonly model: GrowingModel | null;
  /** Pairs that one of several detectors contradicts. */
  readonly disputed: ReadonlySet<CheckedPair>;
  /** Photos that too few points tie to the others. */
  readonly loose: ReadonlySet<number>;
  readonly verdict: ReturnType<typeof judgePhotos>[number];
  readonly isFocalGuessed: boolean;
}

function pairsOf(photo: number, pairs: readonly CheckedPair[]): CheckedPair[] {
  return pairs.filter(({ first, second }) => first === photo || second === photo);
}

/** Whether enough matches lie beside the plane that explains most. */
function leavesPlane({ indices, geometry: { relation, homographyInliers } }: CheckedPair): boolean {
  const count = indices.length / 2;
  return (
    relation === 'general' ||
    count - homographyInliers >= Math.max(FEWEST_BESIDE_PLANE, LEAST_SHARE_BESIDE_PLANE * count)
  );
}

function doubtsOf(
  photo: number,
  { solved, model, disputed, loose, isFocalGuessed }: Evidence,
  pointCount: number,
): Doubt[] {
  const placed = model!.placed;
  const pairs = solved.pairs.filter(({ first, second }) => placed.has(first) && placed.has(second));
  const own = pairsOf(photo, pairs);
  const doubts: Doubt[] = [];
  if (pointCount < FEW_POINTS || loose.has(photo)) doubts.push('few-points');
  // Also what only turned looks like a plane while the focal length is not known.
  const hasDepth = pairs.some(leavesPlane);
  if (!hasDepth || own.every(({ geometry }) => geometry.twin !== null)) doubts.push('planar');
  const contradicting = pairsOf(photo, solved.contradicting).filter(
    ({ first, second }) => placed.has(first) && placed.has(second),
  );
  const isDisputed = own.length > 0 && own.every((pair) => disputed.has(pair));
  if (contradicting.length > own.length / 2 || isDisputed) doubts.push('repeated-pattern');
  if (isFocalGuessed) doubts.push('guessed-focal');
  return doubts;
}

function reasonOf(photo: number, { solved, model, verdict }: Evidence): LeftOutReason {
  if (verdict.kind === 'too-few-features') return 'too-few-features';
  const own = pairsOf(photo, solved.pairs);
  if (own.length === 0) {
    if (pairsOf(photo, solved.contradicting).length > 0) return 'contradicts';
    return verdict.kind === 'blurred' ? 'blurred' : 'no-overlap';
  }
  // Where no pair carries a model there is no rest to be apart from: what the pairs lack is depth.
  if (model === null || own.every(({ geometry }) => geometry.relation === 'rotation-only')) return 'no-parallax';
  const reachesModel = own.some(({ first, second }) => model.placed.has(first === photo ? second : first));
  if (!reachesModel) return 'apart';
  return verdict.kind === 'blurred' ? 'blurred' : 'contradicts';
}

/**
 * @param isFocalGuessed by photo: neither its file nor what the photos share says its focal length.
 * @param errorsPx by placed photo, in pixels of its file.
 * @returns in the order of the photos.
 */
export function explainPhotos(
  names: readonly string[],
  features: readonly PhotoFeatures[],
  isFocalGuessed: readonly boolean[],
  { solved, model, disputed, loose }: Pick<Evidence, 'solved' | 'model' | 'disputed' | 'loose'>,
  errorsPx: ReadonlyMap<number, readonly number[]>,
): PhotoOutcome[] {
  const verdicts = judgePhotos(features.map(({ measures }) => measures));
  return names.map((name, photo) => {
    const evidence = {
      solved,
      model,
      disputed,
      loose,
      verdict: verdicts[photo]!,
      isFocalGuessed: isFocalGuessed[photo]!,
    };
    const errors = errorsPx.get(photo);
    if (errors === undefined) {
      const own = pairsOf(photo, [...solved.pairs, ...solved.contradicting]);
      const matchCount = Math.max(0, ...own.map(({ indices }) => indices.length / 2));
      return { name, isPlaced: false, reason: reasonOf(photo, evidence), matchCount };
    }
    const pointCount = errors.length;
    const doubts = doubtsOf(photo, evidence, pointCount);
    return { name, isPlaced: true, pointCount, medianErrorPx: median(errors), doubts };
  });
}
