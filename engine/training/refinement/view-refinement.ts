/** Moves the photos' cameras and adapts their colours while the scene is trained. */
import type { Mat3, RigidTransform, Vec3 } from '../../math/rigid-transform.js';
import { moveInTarget } from '../../math/rotation-vector.js';
import type { Camera, Intrinsics } from '../../scene/camera.js';
import { ShapeError } from '../../scene/errors.js';
import type {
  CameraGradient,
  ColorTransform,
  ViewAdjustment,
  ViewAdjustmentGradient,
} from '../../splatting/contract.js';
import type { RefinementPreset } from '../presets.js';
import type { RowMoments } from './adam-rows.js';
import { stepRow, zeroRowMoments } from './adam-rows.js';
import { RigMotion } from './rig-motion.js';

/** Numbers of a rigid transform (rotation row-major, translation), of its motion, and of a colour transform (matrix, offset). */
const POSE = 12;
const MOTION = 6;
const COLOR = 12;
const IDENTITY: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
const DIAGONAL: readonly boolean[] = IDENTITY.map((value, k) => value === 1 || k >= 9);

/** All of a {@link ViewRefinement} that training changes, for V photos. */
export interface RefinementState {
  /** [V] steps that each photo has taken. */
  readonly steps: Uint32Array;
  /** [V, 12] cameraFromWorld. */
  readonly poses: Float64Array;
  /** [V, 6] of ω and ν. */
  readonly poseMoments: RowMoments;
  /** [1] logarithm of the factor on every focal length. */
  readonly logFocal: Float64Array;
  readonly focalMoments: RowMoments;
  /** [V, 12] colour transforms, less the identity. */
  readonly colors: Float64Array;
  readonly colorMoments: RowMoments;
}

function firstState(cameras: readonly Camera[]): RefinementState {
  const count = cameras.length;
  return {
    steps: new Uint32Array(count),
    poses: Float64Array.from(cameras.flatMap(({ cameraFromWorld: p }) => [...p.rotation, ...p.translation])),
    poseMoments: zeroRowMoments(count * MOTION),
    logFocal: new Float64Array(1),
    focalMoments: zeroRowMoments(1),
    colors: new Float64Array(count * COLOR),
    colorMoments: zeroRowMoments(count * COLOR),
  };
}

function copyState(state: RefinementState): RefinementState {
  const copy = ({ first, second }: RowMoments): RowMoments => ({ first: first.slice(), second: second.slice() });
  return {
    steps: state.steps.slice(),
    poses: state.poses.slice(),
    poseMoments: copy(state.poseMoments),
    logFocal: state.logFocal.slice(),
    focalMoments: copy(state.focalMoments),
    colors: state.colors.slice(),
    colorMoments: copy(state.colorMoments),
  };
}

/** Whether a state (of a file) has the arrays that so many photos need. */
export function isStateOf(state: RefinementState, count: number): boolean {
  const fits = ({ first, second }: RowMoments, length: number): boolean =>
    first.length === length && second.length === length;
  return (
    state.steps.length === count &&
    state.poses.length === count * POSE &&
    fits(state.poseMoments, count * MOTION) &&
    state.logFocal.length === 1 &&
    fits(state.focalMoments, 1) &&
    state.colors.length === count * COLOR &&
    fits(state.colorMoments, count * COLOR)
  );
}

export interface RefinementOptions {
  readonly settings: RefinementPreset;
  /** Median depth of the scene, world units. */
  readonly sceneUnit: number;
  /** Goes on from there; the cameras must be those that it began with. */
  readonly from?: RefinementState;
}

/**
 * Per photo a rigid motion of its camera and an affine transform of its colours, and one factor on all focal lengths, each learnt by Adam
 * from the steps on that photo. After every step what the photos have in common is taken away: the rig neither moves as a whole (see
 * rig-motion.ts) nor changes the mean of the colours, so that a view that was not trained on stays where it was, in its own colours.
 * Colours are drawn towards the identity by weight · Σ (number − identity)² in each photo's loss.
 */
export class ViewRefinement {
  private readonly state: RefinementState;
  private readonly common: RigMotion;

  /** Throws ShapeError for a state of another number of photos. */
  constructor(
    private readonly given: readonly Camera[],
    private readonly options: RefinementOptions,
  ) {
    const { from, sceneUnit } = options;
    if (from !== undefined && !isStateOf(from, given.length))
      throw new ShapeError(`refined cameras that are not those of ${given.length} photos`);
    this.state = from === undefined ? firstState(given) : copyState(from);
    this.common = new RigMotion(given, sceneUnit);
  }

  /** A copy. */
  save(): RefinementState {
    return copyState(this.state);
  }

  /** Factor on every focal length. */
  get focalFactor(): number {
    return Math.exp(this.state.logFocal[0]!);
  }

  /** The photo's camera as it is now, for a picture of those intrinsics (default: as given). */
  cameraOf(photo: number, intrinsics: Intrinsics = this.given[photo]!.intrinsics): Camera {
    const { fx, fy, ...rest } = intrinsics;
    const factor = this.focalFactor;
    return { intrinsics: { ...rest, fx: fx * factor, fy: fy * factor }, cameraFromWorld: this.poseOf(photo) };
  }

  /** What the photo makes of the scene's colours; the identity where exposure is not adapted. */
  colorOf(photo: number): ColorTransform {
    const numbers = IDENTITY.map((value, k) => value + this.state.colors[photo * COLOR + k]!);
    return { matrix: numbers.slice(0, 9) as Mat3, offset: numbers.slice(9) as Vec3 };
  }

  /** What a step on the photo is to be told. */
  adjustmentOf(photo: number, intrinsics: Intrinsics): ViewAdjustment {
    return {
      camera: this.cameraOf(photo, intrinsics),
      color: this.options.settings.exposure ? this.colorOf(photo) : null,
    };
  }

  /**
   * Takes one step.
   *
   * @param rateFactor multiplies every rate.
   */
  learn(photo: number, gradient: ViewAdjustmentGradient, rateFactor: number): void {
    const { state, options } = this;
    const steps = state.steps[photo]! + 1;
    state.steps[photo] = steps;
    if (options.settings.cameras) this.moveCameras(photo, gradient.camera, rateFactor, steps);
    if (gradient.color === null) return;
    const { exposureRate, exposureWeight, exposureMixes } = options.settings;
    const pulled = [...gradient.color.gradMatrix, ...gradient.color.gradOffset].map(
      (value, k) => value + 2 * exposureWeight * state.colors[photo * COLOR + k]!,
    );
    const rates = DIAGONAL.map((isDiagonal) => (isDiagonal || exposureMixes ? exposureRate * rateFactor : 0));
    this.shiftColors(photo, stepRow(state.colorMoments, photo, pulled, rates, steps));
  }

  private poseOf(photo: number): RigidTransform {
    const numbers = Array.from(this.state.poses.subarray(photo * POSE, (photo + 1) * POSE));
    return { rotation: numbers.slice(0, 9) as Mat3, translation: numbers.slice(9) as Vec3 };
  }

  private moveCameras(photo: number, gradient: CameraGradient, rateFactor: number, steps: number): void {
    const { state, options, given } = this;
    const { rotationRate, translationRate, focalRate } = options.settings;
    const shift = translationRate * options.sceneUnit;
    const rates = [rotationRate, rotationRate, rotationRate, shift, shift, shift].map((rate) => rate * rateFactor);
    const wanted = [...gradient.gradRotation, ...gradient.gradTranslation];
    const motions = new Float64Array(given.length * MOTION);
    motions.set(stepRow(state.poseMoments, photo, wanted, rates, steps), photo * MOTION);
    this.common.remove(motions);
    given.forEach((_, i) => {
      const [wx, wy, wz, nx, ny, nz] = motions.subarray(i * MOTION, (i + 1) * MOTION) as unknown as [...Vec3, ...Vec3];
      const { rotation, translation } = moveInTarget(this.poseOf(i), [wx, wy, wz], [nx, ny, nz]);
      state.poses.set([...rotation, ...translation], i * POSE);
    });
    const total = state.steps.reduce((sum, count) => sum + count, 0);
    const [zoom] = stepRow(state.focalMoments, 0, [gradient.gradLogFocal], [focalRate * rateFactor], total);
    state.logFocal[0] = state.logFocal[0]! + zoom!;
  }

  /** The photo's colours change by `step`, less its share of the mean over all photos. */
  private shiftColors(photo: number, step: readonly number[]): void {
    const { colors } = this.state;
    const count = this.given.length;
    for (let i = 0; i < colors.length; i++) {
      const change = step[i % COLOR]!;
      const own = Math.floor(i / COLOR) === photo ? change : 0;
      colors[i] = colors[i]! + own - change / count;
    }
  }
}
