/** Found cameras on a measured cloud: what the photos leave soft, the cloud's surfaces hold. */
import { median } from '../math/median.js';
import { PointTree } from '../math/point-tree.js';
import type { SparseModel } from '../scene/sparse-model.js';
import { adjustBundle } from './bundle-adjustment.js';
import type { BundleResult } from './bundle-problem.js';
import { thinEvenly } from './cloud-normals.js';
import { reprojectionErrors, scaleFocalLength } from './refine-sparse-model.js';
import type { TiedCloud, TiedPoints } from './tie-points.js';
import { tiePoints } from './tie-points.js';
import type { PinholeSightings } from './undistort-keypoints.js';
import { undistortSightings } from './undistort-keypoints.js';

export interface RefineOnCloudOptions {
  /** How far the model's points may be from the cloud at first, in its unit: a few of the registration's tolerances. */
  readonly reach: number;
  readonly signal?: AbortSignal;
}

export interface RefinedOnCloud {
  /** In the cloud's frame and unit. */
  readonly model: SparseModel;
  /** Points that lie on the cloud's surfaces in the end, before the refinement, and all. */
  readonly tiedCount: number;
  readonly tiedBefore: number;
  readonly pointCount: number;
  /** √(mean of the squared distances) of these to their planes, in the cloud's unit. */
  readonly rmsDistance: number;
  /** [L] on each lens's focal lengths. */
  readonly focalFactors: readonly number[];
}

const ROUNDS = 8;
const STEPS_A_ROUND = 20;
/** Fewer tied points tell nothing. */
const LEAST_TIED = 40;
/** What adjusts in seconds; with more photos their own geometry holds the shape. */
const MOST_PHOTOS = 60;
const MOST_POINTS = 20_000;
const MOST_CLOUD_POINTS = 40_000;
/** The reach falls by this a round at least, to so many robust deviations of what is tied, and never below so many of the cloud's. */
const SHRINK = 0.8;
const REACH_DEVIATIONS = 4;
const LEAST_REACH_SIGMAS = 2;
/** Beyond so many sigmas ties count linearly: many a point beside a surface is not of it. */
const HUBER_SIGMAS = 1.5;
/** Keypoints are no finer than this part of the photo's width; beyond two of these errors count linearly. */
const KEYPOINT_SHARE = 1 / 2000;
/** A lens that would change more has run away. */
const MOST_ZOOM = 1.25;
/** Median absolute deviation to standard deviation of a normal distribution. */
const NORMAL = 1.4826;

/** Evenly thinned: neighbours are then farther apart than a dense scan's noise, so that they show a plane. */
function openCloud(positions: ArrayLike<number>): TiedCloud {
  const thin = thinEvenly(positions, MOST_CLOUD_POINTS);
  return { positions: thin, tree: new PointTree(thin) };
}

function deviationOf({ distances }: TiedPoints): number {
  return NORMAL * median(distances.map(Math.abs));
}

/** Cameras, focal lengths and points by keypoints and ties at once. */
function adjust(model: SparseModel, tied: TiedPoints, { points, pixels }: PinholeSightings): BundleResult {
  const width = Math.max(...model.lenses.map(({ intrinsics }) => intrinsics.width));
  const usual = median(model.points.errorsPx);
  const sigmaPx = Math.max(KEYPOINT_SHARE * width, Number.isNaN(usual) ? 0 : 2 * usual);
  const slack = deviationOf(tied);
  const sigmas = tied.ties.sigmas.map((sigma) => (sigma > 0 ? Math.hypot(sigma, slack) : 0));
  const observations = { photos: model.points.trackPhotos, points, pixels };
  const weights = new Float64Array(points.length).fill(1 / sigmaPx ** 2);
  return adjustBundle(
    {
      lenses: model.lenses.map(({ intrinsics }) => ({ intrinsics, k1: 0, k2: 0 })),
      photos: model.photos,
      positions: model.points.positions,
      observations: { ...observations, weights },
      ties: { ...tied.ties, sigmas },
    },
    {
      freeIntrinsics: ['focal'],
      huberPx: 2 * sigmaPx,
      huberTieSigmas: HUBER_SIGMAS,
      maxIterations: STEPS_A_ROUND,
      costTolerance: 1e-6,
    },
  );
}

/** The model with pinhole lenses and places of an adjustment. */
function takeOver(model: SparseModel, { lenses, camerasFromWorld, positions }: BundleResult): SparseModel {
  return {
    lenses: lenses.map(({ intrinsics }) => ({ intrinsics, distortion: null })),
    photos: model.photos.map((photo, i) => ({ ...photo, cameraFromWorld: camerasFromWorld[i]! })),
    points: { ...model.points, positions },
  };
}

function isSane(model: SparseModel, factors: readonly number[]): boolean {
  const numbers = model.photos.flatMap(({ cameraFromWorld: { rotation, translation } }) => [
    ...rotation,
    ...translation,
  ]);
  return numbers.every(Number.isFinite) && factors.every((f) => Math.abs(Math.log(f)) < Math.log(MOST_ZOOM));
}

/** The given model with what was found of it: keypoints and lenses in the photos' own pixels again. */
function finish(given: SparseModel, refined: SparseModel, focalFactors: readonly number[]): SparseModel {
  const lenses = given.lenses.map((lens, i) => scaleFocalLength(lens, focalFactors[i]!));
  const model = { ...refined, lenses };
  return { ...model, points: { ...model.points, errorsPx: reprojectionErrors(model) } };
}

/**
 * Lets a cloud hold the structure that photos found: points near its surfaces are tied to their planes, and cameras, focal lengths and points
 * minimise
 *
 * `Σ ρ(|π(f, R_i (X_j − C_i)) − x_ij|² / σ_px²) + Σ ρ((n_j · X_j − d_j)² / σ_j²)`,
 *
 * then points are tied anew, eight times, within a reach that shrinks to the cloud's own noise. With few photos, focal length and depth deform
 * together at hardly any error of the keypoints; the planes do not allow that. Principal points stay; distortion stays as a function of the
 * photo's pixels.
 *
 * @param model in the cloud's frame and unit, by a registration. @param cloudPositions [N,3] of any order; not finite: left out. Both near zero.
 * @returns null where fewer than 40 points find a surface, where no more points than before lie on surfaces in the end, where something runs away,
 * and for more than 60 photos or 20,000 points: the model is best left as it is.
 * @throws the signal's reason when aborted, between two rounds.
 */
export function refineOnCloud(
  model: SparseModel,
  cloudPositions: ArrayLike<number>,
  { reach: firstReach, signal }: RefineOnCloudOptions,
): RefinedOnCloud | null {
  const isSeen = model.lenses.length > 0 && model.points.trackPhotos.length > 0;
  if (!isSeen || model.photos.length > MOST_PHOTOS || model.points.count > MOST_POINTS) return null;
  const cloud = openCloud(cloudPositions);
  const sightings = undistortSightings(model);
  let [refined, reach] = [model, firstReach];
  for (let round = 0; round < ROUNDS; round++) {
    signal?.throwIfAborted();
    const tied = tiePoints(refined.points.positions, cloud, reach);
    if (tied.count < LEAST_TIED) return null;
    const result = adjust(refined, tied, sightings);
    if (result.diverged) return null;
    refined = takeOver(refined, result);
    const nextReach = Math.min(SHRINK * reach, REACH_DEVIATIONS * deviationOf(tied));
    reach = Math.max(LEAST_REACH_SIGMAS * tied.cloudSigma, nextReach);
  }
  const focalFactors = refined.lenses.map(({ intrinsics }, i) => intrinsics.fx / model.lenses[i]!.intrinsics.fx);
  const after = tiePoints(refined.points.positions, cloud, reach);
  const tiedBefore = tiePoints(model.points.positions, cloud, reach).count;
  if (!isSane(refined, focalFactors) || after.count < LEAST_TIED || after.count < tiedBefore) return null;
  const squares = after.distances.filter(Number.isFinite).map((distance) => distance * distance);
  return {
    model: finish(model, refined, focalFactors),
    tiedCount: after.count,
    tiedBefore,
    pointCount: model.points.count,
    rmsDistance: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length),
    focalFactors,
  };
}
