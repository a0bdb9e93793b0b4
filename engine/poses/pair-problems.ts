/** The three relations between two photos that a robust search can look for. */
import type { Mat3, RigidTransform } from '../math/rigid-transform.js';
import { essentialOf, excludeBehind, possibleMotions } from './decompose-essential.js';
import { solveEssentialFivePoint } from './essential-five-point.js';
import { fitHomography } from './homography.js';
import type { NormalisedMatches } from './match-coordinates.js';
import { essentialResiduals, homographyResiduals } from './match-coordinates.js';
import { refineRelativePose } from './refine-relative-pose.js';
import type { RobustProblem } from '../math/robust-search.js';
import { fitRotation } from './rotation-between.js';

/** Steps of a refinement inside a search, which only has to get into the right neighbourhood. */
const SEARCH_STEPS = 4;

function listOf(model: Mat3 | null): Mat3[] {
  return model === null ? [] : [model];
}

/** Standard deviations of noise that an error limit stands for. */
const ERROR_SIGMAS = 3;

/** Rays that differ by less are parallel for all that noise lets one see: two standard deviations of what it makes of parallel ones. */
export function undecidedAngleRad({ focal1Px, focal2Px }: NormalisedMatches, maxErrorPx: number): number {
  return ((2 * maxErrorPx) / ERROR_SIGMAS) * Math.hypot(1 / focal1Px, 1 / focal2Px);
}

/** A motion with a unit translation, and its essential matrix. */
export interface EpipolarModel {
  readonly motion: RigidTransform;
  readonly essential: Mat3;
}

/** A motion with its essential matrix `[t]× R`. */
export function epipolarModel(motion: RigidTransform): EpipolarModel {
  return { motion, essential: essentialOf(motion) };
}

/**
 * Motions through five matches that put all five in front of both cameras; refined on the manifold of essential matrices. Residuals are squared
 * Sampson distances in px², infinite for matches behind a camera.
 */
export function motionProblem(matches: NormalisedMatches, maxErrorPx: number): RobustProblem<EpipolarModel> {
  const { coordinates } = matches;
  const leastAngleRad = undecidedAngleRad(matches, maxErrorPx);
  const limits = { maxSquaredResidual: maxErrorPx ** 2, leastAngleRad };
  const loss = { lossScalePx: maxErrorPx, maxSteps: SEARCH_STEPS };
  return {
    count: coordinates.length / 4,
    sampleSize: 5,
    maxSquaredResidual: limits.maxSquaredResidual,
    fit: (sample) =>
      solveEssentialFivePoint(coordinates, sample).flatMap((e) =>
        possibleMotions(e, coordinates, sample, leastAngleRad).map(epipolarModel),
      ),
    writeResiduals: ({ motion, essential }, range, out) => {
      essentialResiduals(matches, essential, range, out);
      excludeBehind(motion, coordinates, range, out, limits);
    },
    refine: ({ motion }, inliers) =>
      epipolarModel(refineRelativePose(motion, matches, inliers, loss).camera2FromCamera1),
  };
}

/** Homographies through four matches, also mirroring ones. Residuals are squared Sampson distances in px². */
export function homographyProblem(matches: NormalisedMatches, maxErrorPx: number): RobustProblem<Mat3> {
  return {
    count: matches.coordinates.length / 4,
    sampleSize: 4,
    maxSquaredResidual: maxErrorPx ** 2,
    fit: (sample) => listOf(fitHomography(matches.coordinates, sample)),
    writeResiduals: (h, range, out) => homographyResiduals(matches, h, range, out),
    refine: (_, inliers) => fitHomography(matches.coordinates, inliers),
  };
}

/** Rotations through two matches. Residuals are squared Sampson distances of their homographies in px². */
export function rotationProblem(matches: NormalisedMatches, maxErrorPx: number): RobustProblem<Mat3> {
  return {
    count: matches.coordinates.length / 4,
    sampleSize: 2,
    maxSquaredResidual: maxErrorPx ** 2,
    fit: (sample) => listOf(fitRotation(matches.coordinates, sample)),
    writeResiduals: (rotation, range, out) => homographyResiduals(matches, rotation, range, out),
    refine: (_, inliers) => fitRotation(matches.coordinates, inliers),
  };
}
