/** The detectors and matchers that this machine has, for the pose stage. */
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { FeatureSource } from '../../engine/poses/photo-features.js';
import { createWasmComparison } from '../../engine/poses/wasm/wasm-descriptors.js';
import { openAkaze } from '../features/akaze.js';
import { startWasmRuntime } from '../wasm-runtime.js';

export interface OpenedSources {
  readonly sources: readonly FeatureSource[];
  dispose(): Promise<void>;
}

export interface SourceOptions {
  /** Most keypoints of a photo. */
  readonly maxKeypoints: number;
  readonly threads?: number;
}

/** AKAZE, its descriptors compared on the WASM core. */
export async function openSources({ maxKeypoints, threads }: SourceOptions): Promise<OpenedSources> {
  const runtime = await startWasmRuntime(threads === undefined ? {} : { threads });
  const compare = createWasmComparison(runtime);
  const akaze = openAkaze({ maxCount: maxKeypoints, ...(threads === undefined ? {} : { threads }) });
  return {
    sources: [{ detector: akaze, match: (first, second) => matchDescriptors(first, second, {}, compare) }],
    dispose: async () => {
      await akaze.dispose();
      await runtime.dispose();
    },
  };
}
