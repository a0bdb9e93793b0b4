/** Incremental structure from motion: two photos first, then one after another (Schönberger and Frahm, CVPR 2016, section 4). */
import type { RigidTransform } from '../math/rigid-transform.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { IntrinsicsGroup, LensPrior } from './bundle-problem.js';
import type { KeypointTrack } from './build-tracks.js';
import type { RadialLens } from './contract.js';
import { GrowingModel } from './growing-model.js';
import { resectRobustly } from './resect-robust.js';
import type { CheckedPair, PhotoKeypoints } from './verify-pairs.js';

export interface GrowthSettings {
  readonly seed: number;
  /** Whether the lenses' focal lengths are only guesses, to be found with the cameras. */
  readonly isFocalFree: boolean;
  readonly lensPriors: readonly (LensPrior | null)[];
  /** Standard deviation that keypoints are expected to have, in pixels. */
  readonly keypointSigmaPx: number;
  /** A camera that sees fewer points in the end is taken back; 15 when left out. */
  readonly fewestPoints?: number;
}

/** Angles below which a point's depth is too uncertain to stand on: COLMAP's 1.5°, more while there are only two photos. */
const MIN_ANGLE_RAD = (1.5 * Math.PI) / 180;
const LAST_MIN_ANGLE_RAD = (1 * Math.PI) / 180;
/** Three standard deviations and a little, so that a start that is not yet right loses nothing. */
const LOOSE_SIGMAS = 5;
const TIGHT_SIGMAS = 3.5;
/** Points that were triangulated from two photos are off by more than keypoints are. */
const RESECTING_FACTOR = 1.5;
/** A camera is believed with so many points, and with this share of those that it could see. */
export const MIN_RESECTED = 15;
const MIN_RESECTED_SHARE = 0.2;
/** Cells of a photo that points are counted in: many in one corner say less than few all over. */
const CELLS = 8;
const GROWING_ITERATIONS = 12;
const FINAL_ITERATIONS = 40;
/** Everything is adjusted when the model has grown by so much since it last was (COLMAP: 1.1); between, what is around the new photo. */
const GLOBAL_GROWTH = 1.2;
const LOCAL_NEIGHBOURS = 4;
/** Photos from which on a shared lens is supported well enough to be freed. */
const FREE_FOCAL_FROM = 2;
const FREE_RADIAL_FROM = 3;
/** With fewer, an unknown focal length and distortion stand in for each other: fox by three photos is off by 4 % with k1, by 1 % without. */
const FREE_RADIAL_AND_FOCAL_FROM = 5;
const FREE_K2_FROM = 5;
const MIN_OBSERVATIONS_FOR_RADIAL = 400;

/** How many cells of a photo have a point in them. */
function coverage(pixels: Float32Array, { intrinsics }: RadialLens): number {
  const cells = new Set<number>();
  for (let i = 0; i < pixels.length; i += 2) {
    const column = Math.floor((pixels[i]! / intrinsics.width) * CELLS);
    const row = Math.floor((pixels[i + 1]! / intrinsics.height) * CELLS);
    cells.add(row * CELLS + column);
  }
  return cells.size;
}

/** What of the lenses is free with so many photos. */
function freeIntrinsics(model: GrowingModel, settings: GrowthSettings, isLast: boolean): IntrinsicsGroup[] {
  const photos = model.placed.size;
  const observations = [...model.placed.keys()].reduce((sum, photo) => sum + model.observedCount(photo), 0);
  const groups: IntrinsicsGroup[] = [];
  if (photos >= FREE_FOCAL_FROM && (settings.isFocalFree || isLast)) groups.push('focal');
  const radialFrom = settings.isFocalFree ? FREE_RADIAL_AND_FOCAL_FROM : FREE_RADIAL_FROM;
  if (photos >= radialFrom && observations >= MIN_OBSERVATIONS_FOR_RADIAL) groups.push('k1');
  if (isLast && photos >= FREE_K2_FROM && observations >= MIN_OBSERVATIONS_FOR_RADIAL * 4) groups.push('k2');
  return groups;
}

class Growth {
  private readonly loosePx: number;
  private readonly tightPx: number;
  private adjustedPhotos = 0;

  constructor(
    readonly model: GrowingModel,
    private readonly photos: readonly PhotoKeypoints[],
    private readonly settings: GrowthSettings,
    private readonly context: StageContext,
  ) {
    this.loosePx = LOOSE_SIGMAS * settings.keypointSigmaPx;
    this.tightPx = TIGHT_SIGMAS * settings.keypointSigmaPx;
  }

  /** False when the pair does not carry points. */
  async begin({ first, second, geometry }: CheckedPair): Promise<boolean> {
    const { camera2FromCamera1 } = geometry;
    if (camera2FromCamera1 === null) return false;
    this.model.place(first, { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] });
    this.model.place(second, camera2FromCamera1);
    const limits = { maxErrorPx: this.loosePx, minAngleRad: MIN_ANGLE_RAD };
    this.model.triangulate(limits);
    if (this.model.pointCount < MIN_RESECTED) return false;
    await this.adjust(GROWING_ITERATIONS, false);
    return this.model.pointCount >= MIN_RESECTED;
  }

  /** Goes on from cameras that are placed already. */
  async resume(): Promise<void> {
    this.model.triangulate({ maxErrorPx: this.loosePx, minAngleRad: MIN_ANGLE_RAD });
    await this.adjust(GROWING_ITERATIONS, false);
  }

  /** Places the photo that sees most; false when none can be placed. */
  async placeNext(): Promise<boolean> {
    const waiting = this.photos.flatMap((_, photo) => {
      if (this.model.placed.has(photo)) return [];
      const points = this.model.knownPoints(photo);
      if (points.normalised.length / 2 < MIN_RESECTED) return [];
      return [{ photo, points, cells: coverage(points.pixels, this.model.lenses[this.photos[photo]!.lens]!) }];
    });
    waiting.sort((a, b) => b.cells - a.cells || b.points.normalised.length - a.points.normalised.length);
    for (const { photo, points } of waiting) {
      const maxErrorPx = this.loosePx * RESECTING_FACTOR;
      const found = resectRobustly(points, {
        seed: this.settings.seed + photo,
        maxErrorPx,
        minInliers: MIN_RESECTED,
      });
      if (found === null || found.inliers.length < (MIN_RESECTED_SHARE * points.normalised.length) / 2) continue;
      this.model.place(photo, found.cameraFromWorld);
      this.model.refuseMisfitsOf(photo, maxErrorPx);
      this.model.triangulate({ maxErrorPx: this.loosePx, minAngleRad: MIN_ANGLE_RAD });
      await this.adjustNear(photo);
      if (this.model.observedCount(photo) >= MIN_RESECTED) return true;
      this.model.remove(photo);
    }
    return false;
  }

  async finish(): Promise<void> {
    for (const round of [0, 1, 2]) {
      const limits = { maxErrorPx: round === 0 ? this.loosePx : this.tightPx, minAngleRad: LAST_MIN_ANGLE_RAD };
      this.model.reconsider(limits);
      this.model.triangulate(limits);
      await this.adjust(FINAL_ITERATIONS, true);
    }
    const fewest = this.settings.fewestPoints ?? MIN_RESECTED;
    for (const photo of [...this.model.placed.keys()])
      if (this.model.observedCount(photo) < fewest) this.model.remove(photo);
  }

  private async adjustNear(photo: number): Promise<void> {
    const limits = { maxErrorPx: this.loosePx, minAngleRad: MIN_ANGLE_RAD };
    if (this.model.placed.size < GLOBAL_GROWTH * this.adjustedPhotos) {
      const options = { maxIterations: GROWING_ITERATIONS, costTolerance: 1e-4, huberPx: this.huberPx };
      await this.model.adjustAround(photo, LOCAL_NEIGHBOURS, options, limits, this.context);
    } else await this.adjust(GROWING_ITERATIONS, false);
  }

  private async adjust(maxIterations: number, isLast: boolean): Promise<void> {
    const options = {
      maxIterations,
      costTolerance: isLast ? 1e-6 : 1e-4,
      freeIntrinsics: freeIntrinsics(this.model, this.settings, isLast),
      lensPriors: this.settings.lensPriors,
      huberPx: this.huberPx,
    };
    const limits = {
      maxErrorPx: isLast ? this.tightPx : this.loosePx,
      minAngleRad: isLast ? LAST_MIN_ANGLE_RAD : MIN_ANGLE_RAD,
    };
    await this.model.adjust(options, limits, this.context);
    this.adjustedPhotos = this.model.placed.size;
  }

  private get huberPx(): number {
    return this.settings.keypointSigmaPx * 1.5;
  }
}

/** What all models of a capture have in common. */
export interface GrowthProblem {
  readonly photos: readonly PhotoKeypoints[];
  readonly lenses: readonly RadialLens[];
  readonly tracks: readonly KeypointTrack[];
}

async function growAndFinish(growth: Growth, photoCount: number, context: StageContext): Promise<GrowingModel | null> {
  do {
    context.onProgress?.(growth.model.placed.size / photoCount, `${growth.model.placed.size} of ${photoCount} photos`);
    await yieldToHost(context);
  } while (await growth.placeNext());
  await growth.finish();
  return growth.model.placed.size < 2 ? null : growth.model;
}

/**
 * Grows a model from a pair until no photo can be added, adjusting after each.
 *
 * @returns null when the pair carries no model.
 * @throws the signal's reason when it was aborted.
 */
export async function growModel(
  { photos, lenses, tracks }: GrowthProblem,
  start: CheckedPair,
  settings: GrowthSettings,
  context: StageContext = {},
): Promise<GrowingModel | null> {
  const growth = new Growth(new GrowingModel(photos, lenses, tracks), photos, settings, context);
  return (await growth.begin(start)) ? growAndFinish(growth, photos.length, context) : null;
}

/**
 * The same with cameras that are known already, after matches were added: finds all points anew, tries again to add photos.
 *
 * @returns null when less than two cameras are left.
 * @throws the signal's reason when it was aborted.
 */
export async function regrowModel(
  { photos, lenses, tracks }: GrowthProblem,
  cameras: ReadonlyMap<number, RigidTransform>,
  settings: GrowthSettings,
  context: StageContext = {},
): Promise<GrowingModel | null> {
  const growth = new Growth(new GrowingModel(photos, lenses, tracks), photos, settings, context);
  for (const [photo, camera] of cameras) growth.model.place(photo, camera);
  await growth.resume();
  return growAndFinish(growth, photos.length, context);
}
