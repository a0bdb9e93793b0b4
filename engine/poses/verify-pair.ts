/** What two photos' matches say about the motion between them. */
import type { Mat3, RigidTransform } from '../math/rigid-transform.js';
import { determinant, multiplyMatVec } from '../math/rigid-transform.js';
import type { RadialLens } from './contract.js';
import { meanFocalPx } from './lens.js';
import type { NormalisedMatches } from './match-coordinates.js';
import { essentialResiduals, everyIndex, homographyResiduals, joinCoordinates } from './match-coordinates.js';
import { findPlanarMotion, settleGeneralMotion, settlePlaneDominated } from './pair-motion.js';
import {
  bandChance,
  ESSENTIAL,
  geometricCriterion,
  HOMOGRAPHY,
  isMoreThanChance,
  ROTATION,
} from './pair-model-selection.js';
import type { EpipolarModel } from './pair-problems.js';
import { homographyProblem, motionProblem, rotationProblem } from './pair-problems.js';
import type { RobustProblem, RobustResult, RobustSearchOptions } from '../math/robust-search.js';
import { DEFAULT_CONFIDENCE, findInliers, iterationsNeeded, robustSearch } from '../math/robust-search.js';
import { angleBetween } from '../math/vectors.js';

/** Putative matches of two photos. */
export interface PairToVerify {
  readonly lens1: RadialLens;
  readonly lens2: RadialLens;
  /** [N,2] each, in the undistorted planes z = 1 (see `normalisePoints`); NaN where a lens cannot show the point. */
  readonly points1: Float64Array;
  readonly points2: Float64Array;
}

export interface VerifyPairOptions extends RobustSearchOptions {
  /** Sampson distance of a match that belongs, in pixels; 3 when left out: one pixel of noise keeps 99.7 %. */
  readonly maxErrorPx?: number;
  /** 15 when left out (COLMAP's). */
  readonly minInliers?: number;
}

/**
 * - 'general': the matches need depth; the motion is determined.
 * - 'planar': a plane explains them; the motion is one of at most two, see `twin`.
 * - 'rotation-only': turning in place explains them; there is no direction of translation, and no depth.
 * - 'none': no more matches agree than would by chance, or they agree only behind the cameras (a mirrored photo).
 */
export type PairRelation = 'general' | 'planar' | 'rotation-only' | 'none';

/** A motion and the matches that fit it. */
export interface FittingMotion {
  /** Translation of length 1; 0 for 'rotation-only'. Null for 'none'. */
  readonly camera2FromCamera1: RigidTransform | null;
  /** Indices into the putative matches, ascending; in front of both cameras. Empty for 'none'. */
  readonly inliers: Uint32Array;
  /** Median angle between the inliers' rays, 0 for 'none'; for 'rotation-only' it is what noise makes of 0. */
  readonly medianAngleRad: number;
}

export interface VerifiedPair extends FittingMotion {
  readonly relation: PairRelation;
  /** Matches that one homography explains, 0 for 'none'. */
  readonly homographyInliers: number;
  /** Where most matches lie in a plane: the other motion that explains them as well; null when they tell the two apart. */
  readonly twin: FittingMotion | null;
}

const DEFAULT_MAX_ERROR_PX = 3;
const DEFAULT_MIN_INLIERS = 15;
/** One sample without outliers is not enough when noise makes it a bad one. */
const DEFAULT_MIN_ITERATIONS = 50;
/** Finds an epipolar geometry that 37 % of the matches agree with in 999 of 1000 cases; more would go into pairs that show nothing in common. */
const DEFAULT_MAX_ITERATIONS = 1000;
/** A homography or rotation is of interest when it explains half of the epipolar inliers: these find it then. */
const SIMPLE_ITERATIONS = 120;
/** Their refinements are linear and have few local minima. */
const SIMPLE_INNER_SAMPLES = 10;
const SETTLING_ROUNDS = 2;
/** Noise is not believed to be less than this. */
const LEAST_SIGMA_PX = 0.3;
/** The median of a squared standard normal. */
const MEDIAN_CHI_SQUARED = 0.4549;
/** Of the matches whose rays differ by more than noise, so many must be in front of both cameras; a mirrored photo has about half. */
const LEAST_IN_FRONT = 0.75;
/** From this share of the matches on, a plane may have chosen the motion. */
const PLANE_DOMINATES = 0.6;
const NONE: VerifiedPair = {
  relation: 'none',
  camera2FromCamera1: null,
  inliers: new Uint32Array(0),
  medianAngleRad: 0,
  homographyInliers: 0,
  twin: null,
};

/** Matches whose four coordinates are finite, each once, and which they are: a match that is repeated confirms nothing. */
function distinctMatches(pair: PairToVerify): { matches: NormalisedMatches; indices: Uint32Array } {
  const all = joinCoordinates(pair.points1, pair.points2);
  const seen = new Set<string>();
  const indices = everyIndex(all.length / 4).filter((i) => {
    const [x1, y1, x2, y2] = [all[i * 4]!, all[i * 4 + 1]!, all[i * 4 + 2]!, all[i * 4 + 3]!];
    if (!Number.isFinite(x1 + y1 + x2 + y2)) return false;
    const { size } = seen;
    return seen.add(`${x1} ${y1} ${x2} ${y2}`).size > size;
  });
  const focals = { focal1Px: meanFocalPx(pair.lens1), focal2Px: meanFocalPx(pair.lens2) };
  return { matches: pickMatches({ coordinates: all, ...focals }, indices), indices };
}

function pickMatches(matches: NormalisedMatches, indices: Uint32Array): NormalisedMatches {
  const coordinates = new Float64Array(indices.length * 4);
  indices.forEach((from, to) => coordinates.set(matches.coordinates.subarray(from * 4, from * 4 + 4), to * 4));
  return { ...matches, coordinates };
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  return sorted[sorted.length >> 1] ?? 0;
}

/** Compares the three relations on the epipolar inliers. */
function compareRelations(
  matches: NormalisedMatches,
  general: RobustResult<EpipolarModel>,
  maxErrorPx: number,
  options: VerifyPairOptions,
) {
  const { model, inliers } = general;
  const chosen = pickMatches(matches, inliers);
  const squared = new Float64Array(inliers.length);
  const range = [0, inliers.length] as const;
  const all = everyIndex(inliers.length);
  essentialResiduals(chosen, model.essential, range, squared);
  const spread = Math.sqrt(medianOf(squared) / MEDIAN_CHI_SQUARED);
  const sigmaPx = Math.min(Math.max(spread, LEAST_SIGMA_PX), maxErrorPx / 2);
  const criterion = geometricCriterion(squared, all, sigmaPx, ESSENTIAL);
  const rate = (problem: RobustProblem<Mat3>, kind: typeof HOMOGRAPHY): { model: Mat3 | null; criterion: number } => {
    const found = robustSearch(problem, {
      ...options,
      minIterations: DEFAULT_MIN_ITERATIONS,
      maxIterations: SIMPLE_ITERATIONS,
      innerSamples: SIMPLE_INNER_SAMPLES,
    });
    if (found === null) return { model: null, criterion: Infinity };
    homographyResiduals(chosen, found.model, range, squared);
    return { model: found.model, criterion: geometricCriterion(squared, all, sigmaPx, kind) };
  };
  const homography = rate(homographyProblem(chosen, maxErrorPx), HOMOGRAPHY);
  const rotation = rate(rotationProblem(chosen, maxErrorPx), ROTATION);
  const best = Math.min(criterion, homography.criterion, rotation.criterion);
  const relation: PairRelation =
    best === rotation.criterion ? 'rotation-only' : best === homography.criterion ? 'planar' : 'general';
  return { relation, sigmaPx, homography: homography.model, rotation: rotation.model };
}

/** Fits to all matches that belong, a few times: the search looked at a part of them. */
function settleLinearly(problem: RobustProblem<Mat3>, start: Mat3): { model: Mat3; inliers: Uint32Array } {
  let model = start;
  let inliers = findInliers(problem, model);
  for (let round = 0; round < SETTLING_ROUNDS; round++) {
    model = problem.refine?.(model, inliers) ?? model;
    inliers = findInliers(problem, model);
  }
  return { model, inliers };
}

function medianAngle({ rotation }: RigidTransform, { coordinates }: NormalisedMatches, subset: Uint32Array): number {
  return medianOf(
    Float64Array.from(subset, (i) => {
      const turned = multiplyMatVec(rotation, [coordinates[i * 4]!, coordinates[i * 4 + 1]!, 1]);
      return angleBetween(turned, [coordinates[i * 4 + 2]!, coordinates[i * 4 + 3]!, 1]);
    }),
  );
}

/**
 * Finds the motion between two photos from putative matches, and whether it can be known: an essential matrix by robust search over five-point
 * samples; a test whether as many matches would agree by chance; a comparison with a homography and with a rotation by Torr's criterion on the
 * matches that agree; the motion by the vote of which points are in front; a refinement of rotation and direction on all of them.
 *
 * @returns see {@link VerifiedPair}; 'none' also for fewer than `minInliers` distinct matches that are finite. Never NaN.
 * @throws ShapeError unless both lists are [N,2]; the signal's reason when it was aborted.
 */
export function verifyPair(pair: PairToVerify, options: VerifyPairOptions): VerifiedPair {
  const { maxErrorPx = DEFAULT_MAX_ERROR_PX, minInliers = DEFAULT_MIN_INLIERS } = options;
  const { matches, indices } = distinctMatches(pair);
  if (indices.length < minInliers) return NONE;
  const general = robustSearch(motionProblem(matches, maxErrorPx), {
    ...options,
    minIterations: options.minIterations ?? DEFAULT_MIN_ITERATIONS,
    // Fewer inliers than `minInliers` need not be found.
    maxIterations: Math.min(
      options.maxIterations ?? DEFAULT_MAX_ITERATIONS,
      Math.ceil(iterationsNeeded(minInliers / indices.length, 5, options.confidence ?? DEFAULT_CONFIDENCE)),
    ),
  });
  if (general === null || general.inliers.length < minInliers) return NONE;
  const chance = bandChance(pair.lens2.intrinsics, maxErrorPx);
  const counts = { matchCount: indices.length, inlierCount: general.inliers.length };
  if (!isMoreThanChance({ ...counts, sampleSize: 5, modelsPerSample: 10, chance })) return NONE;
  const { relation, sigmaPx, homography, rotation } = compareRelations(matches, general, maxErrorPx, options);
  const plane = homography === null ? null : settleLinearly(homographyProblem(matches, maxErrorPx), homography);
  const fitting = (pose: RigidTransform, inliers: Uint32Array): FittingMotion => ({
    camera2FromCamera1: pose,
    inliers: inliers.map((i) => indices[i]!),
    medianAngleRad: medianAngle(pose, matches, inliers),
  });
  const homographyInliers = plane === null ? 0 : plane.inliers.length;
  if (relation === 'rotation-only' && rotation !== null) {
    const settled = settleLinearly(rotationProblem(matches, maxErrorPx), rotation);
    if (settled.inliers.length < minInliers) return NONE;
    const turn = { rotation: settled.model, translation: [0, 0, 0] } satisfies RigidTransform;
    return { relation, ...fitting(turn, settled.inliers), homographyInliers, twin: null };
  }
  const evidence = { matches, maxErrorPx, sigmaPx };
  const isPlanar = relation === 'planar' && plane !== null;
  // A plane seen from both of its sides, or a mirrored photo.
  if (isPlanar && determinant(plane.model) < 0) return NONE;
  const isDominated = plane !== null && plane.inliers.length >= PLANE_DOMINATES * general.inliers.length;
  const motion = isPlanar
    ? findPlanarMotion(evidence, plane.model)
    : isDominated
      ? settlePlaneDominated(evidence, general.model.motion, plane.model)
      : settleGeneralMotion(evidence, general.model.motion);
  if (motion === null) return NONE;
  const { camera2FromCamera1, inFront, decided, decisive } = motion.vote;
  if (decided < LEAST_IN_FRONT * decisive || inFront.length < minInliers) return NONE;
  const twin = motion.twin === null ? null : fitting(motion.twin.camera2FromCamera1, motion.twin.inFront);
  return { relation, ...fitting(camera2FromCamera1, inFront), homographyInliers, twin };
}
