/** Whether photos tell a focal length that nobody else does. */
import type { StageContext } from '../scene/stage.js';
import { adjustBundleInSlices } from './bundle-adjustment.js';
import type { BundleProblem } from './bundle-problem.js';
import type { PoseSolution } from './contract.js';
import type { PhotoKeypoints } from './verify-pairs.js';

/** A focal length that is off by so much turns cameras visibly. */
const STEP = 1.15;
/**
 * Root mean square of what this model of a lens leaves out (a principal point beside the middle, distortion), as far as a false focal length
 * can take it up, in pixels of the photo that was searched. Three neighbouring photos differ by 0.02 to 0.05 px where the found focal length
 * was up to 58 % off, and by 0.1 to 0.6 px where it was right (docs/measured.md).
 */
const UNMODELLED_PX = 0.1;
const ADJUSTMENT = { maxIterations: 30, costTolerance: 1e-4 } as const;

function problemOf({ lenses, photos, tracks }: PoseSolution, keypoints: readonly PhotoKeypoints[]): BundleProblem {
  const indexOf = new Map(photos.map(({ photo }, index) => [photo, index]));
  const seen = tracks.flatMap(({ observations }, point) =>
    observations.map(({ photo, keypoint }) => ({ photo, keypoint, point })),
  );
  return {
    lenses,
    photos,
    positions: Float64Array.from(tracks.flatMap(({ position }) => position)),
    observations: {
      photos: seen.map(({ photo }) => indexOf.get(photo)!),
      points: seen.map(({ point }) => point),
      pixels: Float64Array.from(
        seen.flatMap(({ photo, keypoint }) => [
          keypoints[photo]!.points[keypoint * 2]!,
          keypoints[photo]!.points[keypoint * 2 + 1]!,
        ]),
      ),
    },
  };
}

/**
 * Whether everything fits clearly worse once the focal lengths are held 15 % shorter, or longer, and the rest is adjusted to them: by more
 * than what lenses do that is not modelled. Photos of little depth, far away or seen from much the same direction, leave it open however
 * many points they share; cameras then turn and stand wrong with small errors.
 *
 * @param photos by index of the solution's photos.
 * @throws the signal's reason when it was aborted.
 */
export async function isFocalTold(
  solution: PoseSolution,
  photos: readonly PhotoKeypoints[],
  context: StageContext,
): Promise<boolean> {
  const problem = problemOf(solution, photos);
  const squaredErrorAt = async (factor: number): Promise<number> => {
    const lenses = problem.lenses.map((lens) => ({
      ...lens,
      intrinsics: { ...lens.intrinsics, fx: lens.intrinsics.fx * factor, fy: lens.intrinsics.fy * factor },
    }));
    return (await adjustBundleInSlices({ ...problem, lenses }, ADJUSTMENT, context)).rmsPx ** 2;
  };
  const least = (await squaredErrorAt(1)) + UNMODELLED_PX ** 2;
  return (await squaredErrorAt(1 / STEP)) > least && (await squaredErrorAt(STEP)) > least;
}
