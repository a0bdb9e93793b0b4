/** What this machine can run, for the window to show. */
import { availableParallelism } from 'node:os';
import { chooseBackend, findInstalledDepthModels } from '../../host/run/compose.js';
import { areLearnedFeaturesInstalled } from '../../host/poses/feature-choice.js';
import { findColmap } from '../../host/poses/run-colmap.js';
import type { Abilities } from '../ipc/job-contract.js';

export function describeAbilities(): Abilities {
  const name = chooseBackend();
  const description =
    name === 'wasm' ? `WebAssembly SIMD, up to ${availableParallelism()} threads` : 'JavaScript reference, one thread';
  const whyNotGpu =
    name === 'wasm'
      ? 'This version computes on the processor; it has no GPU backend yet.'
      : 'This version has no GPU backend yet, and WebAssembly with SIMD and shared memory is not available either, so that it is slow.';
  return {
    backend: { name, description, isGpu: false, whyNotGpu },
    depthModels: findInstalledDepthModels(),
    // Descriptors are compared on the WASM core.
    canFindCameras: name === 'wasm',
    cameraFinders: [
      'auto',
      'akaze',
      ...(areLearnedFeaturesInstalled() ? (['xfeat', 'both'] as const) : []),
      ...(findColmap() === null ? [] : (['colmap'] as const)),
    ],
  };
}
