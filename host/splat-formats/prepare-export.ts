/** The scene as it goes into a file: what is hidden left out, bands cut, axes turned. */
import { markUsableSplats } from '../../engine/formats/splat-validity.js';
import { GLTF_FROM_PLY, rotationToUpAxis, SPZ_FROM_PLY } from '../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, multiplyMatVec } from '../../engine/math/rigid-transform.js';
import type { Splats } from '../../engine/scene/splats.js';
import { selectSplats } from '../../engine/scene/splats.js';
import { filterSplats, limitShDegree, transformSplats } from '../../engine/scene/transform-splats.js';
import type { WrittenFormat } from './format-names.js';
import type { PageView } from './worker-jobs.js';

export interface PrepareChoices {
  readonly format: WrittenFormat;
  /** Which axis the scene's `up` becomes in the file's own numbers; 'unchanged' leaves the capture's own frame. */
  readonly upAxis: 'unchanged' | 'y-up' | 'z-up';
  /** The scene's upward direction in its own frame; need not be unit. */
  readonly up: Readonly<Vec3>;
  /** Highest degree of spherical harmonics to keep, 0 to 3. */
  readonly shDegree: number;
  /** [N] 1: left out of the file; null keeps all. */
  readonly hidden: Uint8Array | null;
}

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const NO_MOVE: Vec3 = [0, 0, 0];

/**
 * The turn of the scene before it is written. SPZ and glTF have frames of their own, into which their writers turn what they are given as
 * a PLY's: that turn is taken back first, so that the axis asked for is up in the file's own numbers. A page is always upright, which its
 * viewer takes −y for.
 */
export function exportRotation({ format, upAxis, up }: PrepareChoices): Mat3 {
  // A turn by half is its own inverse.
  if (format === 'html') return multiplyMat(SPZ_FROM_PLY, rotationToUpAxis(up, 'y-up'));
  if (upAxis === 'unchanged') return IDENTITY;
  const turned = rotationToUpAxis(up, upAxis);
  if (format === 'spz') return multiplyMat(SPZ_FROM_PLY, turned);
  return format === 'glb' ? multiplyMat(GLTF_FROM_PLY, turned) : turned;
}

/** What is to be written; records that are no finite numbers are counted and left out, for no writer of others' looks at them. */
export function prepareSplats(splats: Splats, choices: PrepareChoices): { splats: Splats; droppedCount: number } {
  const shown = choices.hidden === null ? splats : filterSplats(splats, choices.hidden);
  const usable = markUsableSplats(shown);
  const finite = usable.length === shown.count ? shown : selectSplats(shown, usable);
  const limited = limitShDegree(finite, choices.shDegree);
  const rotation = exportRotation(choices);
  const turned =
    rotation === IDENTITY ? limited : transformSplats(limited, { rotation, scale: 1, translation: NO_MOVE });
  return { splats: turned, droppedCount: shown.count - finite.count };
}

/** Where somebody stood, with what in view; in the scene's own frame. */
export interface Viewpoint {
  readonly position: Readonly<Vec3>;
  readonly target: Readonly<Vec3>;
  /** Vertical field of view. */
  readonly fovDegrees: number;
}

const DEFAULT_FOV_DEGREES = 60;
/** Strays beyond these quantiles do not count. */
const [LOW, HIGH] = [0.05, 0.95];
/** Distance from the middle, in sizes of the scene. */
const DISTANCE = 1.6;

/** Where a page's picture starts: from the viewpoint given, or from in front (−z in a PLY's frame), far enough to see most. */
export function startOfPage(splats: Splats, rotation: Mat3, viewpoint: Viewpoint | null): PageView {
  if (viewpoint !== null)
    return {
      position: multiplyMatVec(rotation, viewpoint.position),
      target: multiplyMatVec(rotation, viewpoint.target),
      fovDegrees: viewpoint.fovDegrees,
    };
  const ranges = [0, 1, 2].map((axis) => {
    const sorted = splats.means.filter((_, i) => i % 3 === axis).sort();
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number;
    return { low: at(LOW), high: at(HIGH) };
  });
  const target = ranges.map(({ low, high }) => (low + high) / 2) as Vec3;
  const size = Math.max(...ranges.map(({ low, high }) => high - low), 1e-3);
  return {
    position: [target[0], target[1], target[2] - DISTANCE * size],
    target,
    fovDegrees: DEFAULT_FOV_DEGREES,
  };
}
