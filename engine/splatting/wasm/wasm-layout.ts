/** The memory layouts that the C++ side declares in scene.h and step.cpp; change both together. */
import { cameraCentre } from '../../math/conventions.js';
import type { Mat3, Vec3 } from '../../math/rigid-transform.js';
import type { Camera } from '../../scene/camera.js';
import type { CameraGradient, ColorTransformGradient, RenderOptions, TrainingStep } from '../contract.js';

/** enum Buffer of scene.h. */
export const BUFFER = (() => {
  const parameterKinds = 6;
  const gradient = 3 * parameterKinds;
  const statistics = 4 * parameterKinds;
  return {
    means: 0,
    quats: 1,
    logScales: 2,
    rawOpacities: 3,
    shCoeffs: 4,
    ownDepth: 5,
    gradMeans: gradient,
    gradQuats: gradient + 1,
    gradLogScales: gradient + 2,
    gradRawOpacities: gradient + 3,
    gradShCoeffs: gradient + 4,
    gradOwnDepth: gradient + 5,
    maxWeight: statistics,
    gradMean2d: statistics + 1,
    visibleSteps: statistics + 2,
    errorWeight: statistics + 3,
    rayBase: statistics + 4,
    rayOrigin: statistics + 5,
    imageCoord: statistics + 6,
    anchorGrid: statistics + 7,
  } as const;
})();

const CAMERA_WORDS = 21;
const RENDER_WORDS = 7;
const COLOR_TRANSFORM_WORDS = 12;
/** Where the adjustment starts: two flags, the camera, the colour transform. */
const ADJUSTMENT_WORD = RENDER_WORDS + 5 + 5 + 8 + 3;
const STEP_WORDS = ADJUSTMENT_WORD + 2 + CAMERA_WORDS + COLOR_TRANSFORM_WORDS;
export const STEP_BYTES = STEP_WORDS * 4;
export const CAMERA_GRADIENT_WORDS = 7;
/** struct StepResult: loss, l1, two counts, the camera's gradient, the colour transform's. */
export const STEP_RESULT_WORDS = 4 + CAMERA_GRADIENT_WORDS + COLOR_TRANSFORM_WORDS;

/** struct Camera. */
export function packCamera(camera: Camera): Uint8Array {
  const { intrinsics, cameraFromWorld } = camera;
  const floats = new Float32Array(CAMERA_WORDS);
  floats.set([intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy]);
  floats.set(cameraFromWorld.rotation, 4);
  floats.set(cameraFromWorld.translation, 13);
  floats.set(cameraCentre(cameraFromWorld), 16);
  new Int32Array(floats.buffer, 19 * 4).set([intrinsics.width, intrinsics.height]);
  return new Uint8Array(floats.buffer);
}

function writeRender(view: DataView, render: RenderOptions, dropout: { probability: number; seed: number }): void {
  render.background.forEach((channel, c) => {
    view.setFloat32(4 * c, channel, true);
  });
  view.setFloat32(12, render.dilation, true);
  view.setInt32(16, render.shDegree, true);
  view.setFloat32(20, dropout.probability, true);
  view.setUint32(24, dropout.seed >>> 0, true);
}

/** struct RenderSettings, without dropout. */
export function packRender(render: RenderOptions): Uint8Array {
  const bytes = new Uint8Array(RENDER_WORDS * 4);
  writeRender(new DataView(bytes.buffer), render, { probability: 0, seed: 0 });
  return bytes;
}

/** struct StepDescription. */
export function packStep(step: TrainingStep): Uint8Array {
  const bytes = new Uint8Array(STEP_BYTES);
  const view = new DataView(bytes.buffer);
  writeRender(view, step.render, step.dropout);
  const { losses, learningRates: rates } = step;
  const floats = [
    ...[losses.l1, losses.dssim, losses.depthTv, losses.depthPrior, losses.sensorDepth],
    ...[losses.opacity, losses.scale, losses.needle, losses.ownDepth, losses.flow],
    ...[rates.means, rates.ownDepth, rates.rayField, rates.quats, rates.logScales, rates.rawOpacities],
    ...[rates.shDc, rates.shRest],
  ];
  let at = RENDER_WORDS * 4;
  for (const value of floats) {
    view.setFloat32(at, value, true);
    at += 4;
  }
  view.setInt32(at, step.iteration, true);
  view.setFloat32(at + 4, step.opacityDecay, true);
  view.setInt32(at + 8, step.activeGridLevels, true);
  if (step.adjustment !== undefined) writeAdjustment(bytes, step.adjustment);
  return bytes;
}

function writeAdjustment(bytes: Uint8Array, { camera, color }: NonNullable<TrainingStep['adjustment']>): void {
  const at = ADJUSTMENT_WORD * 4;
  new Int32Array(bytes.buffer, at, 2).set([1, color === null ? 0 : 1]);
  bytes.set(packCamera(camera), at + 8);
  if (color === null) return;
  const numbers = new Float32Array(bytes.buffer, at + 8 + CAMERA_WORDS * 4, COLOR_TRANSFORM_WORDS);
  numbers.set([...color.matrix, ...color.offset]);
}

/** struct CameraGradient. */
export function unpackCameraGradient(words: Float32Array): CameraGradient {
  const [wx, wy, wz, nx, ny, nz, gradLogFocal] = words as unknown as [...Vec3, ...Vec3, number];
  return { gradRotation: [wx, wy, wz], gradTranslation: [nx, ny, nz], gradLogFocal };
}

/** The gradient that struct StepResult ends with. */
export function unpackColorGradient(result: Float32Array): ColorTransformGradient {
  const numbers = Array.from(result.subarray(STEP_RESULT_WORDS - COLOR_TRANSFORM_WORDS));
  return { gradMatrix: numbers.slice(0, 9) as Mat3, gradOffset: numbers.slice(9) as Vec3 };
}
