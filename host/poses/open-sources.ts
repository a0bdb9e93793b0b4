/** The detectors and matchers that this machine has, for the pose stage. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CompareDescriptors } from '../../engine/poses/nearest-descriptors.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { FeatureSource } from '../../engine/poses/photo-features.js';
import { createWasmComparison } from '../../engine/poses/wasm/wasm-descriptors.js';
import { ImportError } from '../../engine/scene/errors.js';
import { OnnxRuntimeMissingError } from '../../native-models/depth/onnx-depth.js';
import { FEATURE_MODELS } from '../../native-models/manifest.js';
import { locateModelFolder } from '../../native-models/store.js';
import { openAkaze } from '../features/akaze.js';
import { startWasmRuntime } from '../wasm-runtime.js';
import type { FeatureChoice } from './feature-choice.js';
import { areLearnedFeaturesInstalled } from './feature-choice.js';

export interface OpenedSources {
  readonly sources: readonly FeatureSource[];
  readonly warnings: readonly string[];
  dispose(): Promise<void>;
}

export interface SourceOptions {
  /** Most keypoints of a photo and source. */
  readonly maxKeypoints: number;
  /** Pairs of photos that will be matched. */
  readonly pairCount: number;
  readonly threads?: number;
  /** 'auto' when left out. */
  readonly features?: FeatureChoice;
}

/** A source and what must be ended with it. */
interface Opened {
  readonly source: FeatureSource;
  dispose(): Promise<void>;
}

function openClassic({ maxKeypoints, threads }: SourceOptions, compare: CompareDescriptors): Opened {
  const akaze = openAkaze({ maxCount: maxKeypoints, ...(threads === undefined ? {} : { threads }) });
  return {
    source: { detector: akaze, match: (first, second) => matchDescriptors(first, second, {}, compare) },
    dispose: () => akaze.dispose(),
  };
}

function notInstalled(): ImportError {
  const missing = FEATURE_MODELS.filter(({ fileName }) => !existsSync(join(locateModelFolder(), fileName)));
  return new ImportError(
    'not-found',
    `The features "xfeat" need networks that are not installed: ${missing.map(({ name }) => name).join(', ')}.`,
    locateModelFolder(),
    '',
    '"vantage models" tells where they come from; --features akaze does without.',
  );
}

/** More are found, and not matched. */
const MAX_LEARNED = 4096;
/** LighterGlue takes a second or more a pair with 2,048 keypoints on two cores, and with half of them a third: it is given less where pairs are many. */
const GLUED = { most: 2048, least: 512, pairsAtMost: 10 };

function chooseGlued(pairCount: number): number {
  const affordable = Math.round(GLUED.most * Math.sqrt(GLUED.pairsAtMost / Math.max(1, pairCount)));
  return Math.max(GLUED.least, Math.min(GLUED.most, affordable));
}

/** @throws ImportError when the networks are not there or damaged; OnnxRuntimeMissingError */
async function openLearned({ maxKeypoints, pairCount, threads = 0 }: SourceOptions): Promise<Opened> {
  const [{ openXFeat }, { openLighterGlue }] = await Promise.all([
    import('../../native-models/features/xfeat.js'),
    import('../../native-models/features/lighterglue.js'),
  ]);
  const xfeat = await openXFeat({ threads, maxCount: Math.min(maxKeypoints, MAX_LEARNED) });
  const matcher = xfeat === null ? null : await openLighterGlue({ threads, maxKeypoints: chooseGlued(pairCount) });
  if (xfeat === null || matcher === null) {
    await xfeat?.dispose();
    throw notInstalled();
  }
  return {
    source: { detector: xfeat, match: (first, second, signal) => matcher.match(first, second, signal) },
    dispose: async () => {
      await xfeat.dispose();
      await matcher.dispose();
    },
  };
}

/**
 * AKAZE, its descriptors compared on the WASM core, and XFeat, matched by LighterGlue, as chosen. With 'auto' what does not load is left out
 * with a warning.
 *
 * @throws ImportError 'not-found' when networks were asked for by name and are not installed, as `openXFeat` when they are damaged;
 * OnnxRuntimeMissingError when they were asked for by name and the runtime does not load.
 */
export async function openSources(options: SourceOptions): Promise<OpenedSources> {
  const { threads, features = 'auto' } = options;
  const warnings: string[] = [];
  const learned: Opened[] = [];
  if (features === 'xfeat' || features === 'both' || (features === 'auto' && areLearnedFeaturesInstalled())) {
    try {
      learned.push(await openLearned(options));
    } catch (error) {
      if (features !== 'auto' || !(error instanceof OnnxRuntimeMissingError)) throw error;
      warnings.push(`${error.message} Features come from AKAZE alone.`);
    }
  }
  const runtime = await startWasmRuntime(threads === undefined ? {} : { threads });
  const opened = features === 'xfeat' ? learned : [openClassic(options, createWasmComparison(runtime)), ...learned];
  return {
    sources: opened.map(({ source }) => source),
    warnings,
    dispose: async () => {
      for (const each of opened) await each.dispose();
      await runtime.dispose();
    },
  };
}
