/** The motion between two photos of which a network has guessed the depth. */
import { median } from '../math/median.js';
import type { RigidTransform } from '../math/rigid-transform.js';
import { composeRigid, invertRigid, transformPoint } from '../math/rigid-transform.js';
import { adjustBundle } from './bundle-adjustment.js';
import type { RadialLens } from './contract.js';
import { meanFocalPx } from './lens.js';
import { bandChance, isMoreThanChance } from './pair-model-selection.js';
import { resectRobustly } from './resect-robust.js';
import { thin } from '../math/robust-search.js';
import { rotationAngle } from '../math/rotation-vector.js';

/** One photo's side of the matches. */
export interface DepthSide {
  readonly lens: RadialLens;
  /** [N,2] where the matches are, in pixels and in the undistorted plane z = 1. */
  readonly pixels: Float64Array;
  readonly normalised: Float64Array;
  /** Depths [N] that the network may mean, one list for each guess; NaN where there is none. */
  readonly depths: readonly Float64Array[];
}

export interface DepthPairOptions {
  readonly seed: number;
  /** Standard deviation of a keypoint. */
  readonly keypointSigmaPx: number;
}

/** A motion that rests on guessed depth, in the unit of the first photo's. */
export interface DepthMotion {
  readonly camera2FromCamera1: RigidTransform;
  /** Indices of the matches that agree in both photos and in depth, ascending. */
  readonly inliers: Uint32Array;
  /** [K,3] their points in the first camera. */
  readonly positions: Float64Array;
}

/** Matches that two photos must have, and that must agree: three make a camera, the others confirm it. */
export const LEAST_DEPTH_MATCHES = 10;
const LEAST_AGREEING = 8;
/** What a wrong depth may do to where its point is seen, as an angle: 10 % of depth seen from 15° aside. */
const LOOSE_RAD = 0.03;
/** Networks are off by about this factor at a pixel, once their scale is known. */
const LOG_DEPTH_SIGMA = 0.2;
const TIGHT_SIGMAS = 3.5;
/** Points that are adjusted: more say the same. */
const MAX_ADJUSTED = 300;
const ROUNDS = 3;
const ITERATIONS = 30;
/** Each photo's depth by itself must lead to about the same turn. */
const AGREEMENT_RAD = (8 * Math.PI) / 180;

interface OneWay {
  readonly camera2FromCamera1: RigidTransform;
  readonly depths: Float64Array;
  readonly inliers: Uint32Array;
}

function lift(normalised: Float64Array, depths: Float64Array): Float64Array {
  return Float64Array.from({ length: depths.length * 3 }, (_, at) => {
    const i = Math.floor(at / 3);
    return depths[i]! * (at % 3 === 2 ? 1 : normalised[2 * i + (at % 3)]!);
  });
}

/** The second camera from the first photo's points in space; of several guesses the one that most points agree with. */
function resect(first: DepthSide, second: DepthSide, { seed, keypointSigmaPx }: DepthPairOptions): OneWay | null {
  const focalPx = meanFocalPx(second.lens);
  let best: (OneWay & { readonly rmsErrorPx: number }) | null = null;
  for (const depths of first.depths) {
    const found = resectRobustly(
      { normalised: second.normalised, positions: lift(first.normalised, depths), focalPx },
      {
        seed,
        maxErrorPx: Math.hypot(TIGHT_SIGMAS * keypointSigmaPx, LOOSE_RAD * focalPx),
        minInliers: LEAST_AGREEING,
      },
    );
    if (found === null) continue;
    const { cameraFromWorld: camera2FromCamera1, inliers, rmsErrorPx } = found;
    const gain = best === null ? 1 : inliers.length - best.inliers.length;
    if (gain > 0 || (gain === 0 && rmsErrorPx < best!.rmsErrorPx))
      best = { camera2FromCamera1, depths, inliers, rmsErrorPx };
  }
  return best;
}

/** Whether most of the picture is the right way round: a mirrored photo of a plane fits a camera behind the plane. */
function isMirrored(first: Float64Array, second: Float64Array, subset: Uint32Array): boolean {
  const mean = (points: Float64Array, k: number): number =>
    subset.reduce((sum, i) => sum + points[2 * i + k]!, 0) / subset.length;
  const [mx1, my1, mx2, my2] = [mean(first, 0), mean(first, 1), mean(second, 0), mean(second, 1)];
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (const i of subset) {
    const [x1, y1] = [first[2 * i]! - mx1, first[2 * i + 1]! - my1];
    const [x2, y2] = [second[2 * i]! - mx2, second[2 * i + 1]! - my2];
    [xx, xy, yx, yy] = [xx + x2 * x1, xy + x2 * y1, yx + y2 * x1, yy + y2 * y1];
  }
  // The sign of the determinant of the affine map that fits best.
  return xx * yy - xy * yx <= 0;
}

/** Adjusts camera and points by both photos' pixels and depths, and drops what does not fit, until nothing does. */
function adjust(first: DepthSide, second: DepthSide, start: OneWay, back: OneWay, sigmaPx: number): DepthMotion | null {
  let { camera2FromCamera1 } = start;
  let inliers = thin(start.inliers, MAX_ADJUSTED);
  let positions: Float64Array = lift(first.normalised, start.depths);
  positions = Float64Array.from(
    inliers.length === 0 ? [] : [...inliers].flatMap((i) => [...positions.subarray(3 * i, 3 * i + 3)]),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const count = inliers.length;
    const logDepths = [start.depths, back.depths].flatMap((depths) => [...inliers].map((i) => Math.log(depths[i]!)));
    const seen = [...inliers.keys()].map(
      (k) => transformPoint(camera2FromCamera1, [positions[3 * k]!, positions[3 * k + 1]!, positions[3 * k + 2]!])[2],
    );
    const scale2 = median(seen.map((z, k) => Math.log(z) - logDepths[count + k]!).filter(Number.isFinite));
    const logScales = [0, Number.isFinite(scale2) ? scale2 : 0];
    const pixels = [first, second].flatMap((side) =>
      [...inliers].flatMap((i) => [side.pixels[2 * i]!, side.pixels[2 * i + 1]!]),
    );
    const result = adjustBundle(
      {
        lenses: [first.lens, second.lens],
        photos: [
          { lens: 0, cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] } },
          { lens: 1, cameraFromWorld: camera2FromCamera1 },
        ],
        positions,
        observations: {
          photos: Uint8Array.from({ length: 2 * count }, (_, i) => (i < count ? 0 : 1)),
          points: Uint32Array.from({ length: 2 * count }, (_, i) => i % count),
          pixels,
          depths: { logDepths, sigmas: new Float64Array(2 * count).fill(LOG_DEPTH_SIGMA) },
        },
        logScales,
      },
      {
        constantPhotos: [0],
        // The first photo's depths say how large the scene is.
        areLogScalesFree: false,
        huberPx: 1.5 * sigmaPx,
        maxIterations: ITERATIONS,
      },
    );
    if (result.diverged) return null;
    camera2FromCamera1 = result.camerasFromWorld[1]!;
    const fits = (k: number): boolean =>
      [k, count + k].every((i) => result.squaredErrorsPx[i]! <= (TIGHT_SIGMAS * sigmaPx) ** 2) &&
      Math.abs(Math.log(result.positions[3 * k + 2]!) - logDepths[k]!) <= TIGHT_SIGMAS * LOG_DEPTH_SIGMA;
    const kept = [...inliers.keys()].filter(fits);
    const isSettled = kept.length === count;
    positions = Float64Array.from(kept.flatMap((k) => [...result.positions.subarray(3 * k, 3 * k + 3)]));
    inliers = Uint32Array.from(kept, (k) => inliers[k]!);
    if (inliers.length < LEAST_AGREEING) return null;
    if (isSettled) break;
  }
  return { camera2FromCamera1, inliers, positions };
}

/**
 * The motion between two photos from matches and depths that a network guessed for both: each photo's keypoints, lifted by its depth, place the
 * other's camera (three-point samples); where both ways lead to about the same turn, camera and points are adjusted together by pixels of
 * both photos and by `log z = log D + s ± 0.2`, and what does not fit is dropped. Nothing is asked of parallax: the motion may be a turn.
 *
 * @returns null for fewer than ten matches, when fewer than eight agree, when as many would by chance, when the two photos' depths contradict each other, and for a
 * mirrored photo. The translation's length is only as good as the depth.
 */
export function findMotionByDepth(first: DepthSide, second: DepthSide, options: DepthPairOptions): DepthMotion | null {
  if (second.pixels.length / 2 < LEAST_DEPTH_MATCHES) return null;
  const [forth, back] = [resect(first, second, options), resect(second, first, options)];
  if (forth === null || back === null) return null;
  const turnOf = (a: RigidTransform, b: RigidTransform): number => rotationAngle(composeRigid(a, b).rotation);
  if (turnOf(forth.camera2FromCamera1, back.camera2FromCamera1) > AGREEMENT_RAD) return null;
  const found = adjust(first, second, forth, back, options.keypointSigmaPx);
  if (found === null || isMirrored(first.normalised, second.normalised, found.inliers)) return null;
  if (turnOf(found.camera2FromCamera1, back.camera2FromCamera1) > AGREEMENT_RAD) return null;
  if (turnOf(found.camera2FromCamera1, invertRigid(forth.camera2FromCamera1)) > AGREEMENT_RAD) return null;
  // Thinned matches agree as all would.
  const agreeing = Math.round(
    (found.inliers.length * forth.inliers.length) / Math.min(forth.inliers.length, MAX_ADJUSTED),
  );
  const chance = bandChance(second.lens.intrinsics, TIGHT_SIGMAS * options.keypointSigmaPx);
  const counts = { matchCount: second.pixels.length / 2, inlierCount: agreeing };
  return isMoreThanChance({ ...counts, sampleSize: 3, modelsPerSample: 4, chance }) ? found : null;
}
