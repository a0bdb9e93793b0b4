/** The memory layouts that the C++ side declares in scene.h and step.cpp; change both together. */
import { cameraCentre } from '../../math/conventions.js';
import type { Camera } from '../../scene/camera.js';
import type { RenderOptions, TrainingStep } from '../contract.js';

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

export const CAMERA_BYTES = 21 * 4;
const RENDER_WORDS = 7;
const STEP_WORDS = RENDER_WORDS + 4 + 5 + 8 + 3;
export const STEP_BYTES = STEP_WORDS * 4;
export const STEP_RESULT_BYTES = 4 * 4;

/** struct Camera. */
export function packCamera(camera: Camera): Uint8Array {
  const { intrinsics, cameraFromWorld } = camera;
  const floats = new Float32Array(21);
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
    ...[losses.l1, losses.dssim, losses.depthTv, losses.depthPrior],
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
  return bytes;
}
