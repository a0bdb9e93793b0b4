/** Runs the pose stage with what is at hand: the cheap features first, all of them and guessed depth where those leave something open. */
import { findCameras } from '../../engine/poses/find-cameras.js';
import { countPlaced } from '../../engine/poses/judge-cameras.js';
import type { FeatureSource } from '../../engine/poses/photo-features.js';
import type { FoundCameras, PosePhoto } from '../../engine/poses/pose-stage.js';
import type { PairVerifier } from '../../engine/poses/verify-pairs.js';
import type { FeatureMatches } from '../../engine/scene/feature-detector.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { partOfStage } from '../../engine/scene/stage.js';
import type { RgbImage } from '../../engine/scene/view.js';
import type { OpenedDepthModel } from '../run/compose.js';
import { openDepthModel } from '../run/compose.js';
import type { OpenedCameraModel } from './open-camera-model.js';
import { openCameraModel } from './open-camera-model.js';

export interface RoundOptions {
  readonly seed: number;
  /** The cheapest first. */
  readonly sources: readonly FeatureSource[];
  /** All sources at once, whatever the first would find. */
  readonly isOneRound: boolean;
  /** As `openDepthModel` takes it. */
  readonly depthModel: string;
  /** As `openCameraModel` takes it. */
  readonly cameraModel: string;
  readonly threads: number;
  readonly verifier?: PairVerifier | null;
}

export interface RoundsOutcome {
  readonly found: FoundCameras;
  /** Detectors that the cameras come from. */
  readonly features: readonly string[];
  readonly warnings: readonly string[];
}

const FIRST_SHARE = 0.5;

/** A source that does nothing twice. */
function rememberSource(source: FeatureSource): FeatureSource {
  const { detector } = source;
  const detected = new WeakMap<RgbImage, ImageFeatures>();
  const matched = new WeakMap<ImageFeatures, WeakMap<ImageFeatures, FeatureMatches>>();
  return {
    detector: {
      ...detector,
      async detect(image, signal) {
        const features = detected.get(image) ?? (await detector.detect(image, signal));
        detected.set(image, features);
        return features;
      },
    },
    async match(first, second, signal) {
      const ofFirst = matched.get(first) ?? new WeakMap<ImageFeatures, FeatureMatches>();
      matched.set(first, ofFirst);
      const matches = ofFirst.get(second) ?? (await source.match(first, second, signal));
      ofFirst.set(second, matches);
      return matches;
    },
  };
}

function isSettled({ photos }: FoundCameras): boolean {
  return photos.every((photo) => photo.isPlaced && photo.doubts.length === 0);
}

/**
 * More photos placed beyond doubt, then more placed at all; the later one where both are alike. A repeated pattern that the second source
 * falls for may place one more and turn all others: then it doubts them (temple: 14 placed, 8 of them doubted and 20° off, after 13 within 1°).
 */
export function chooseBetter(first: FoundCameras, second: FoundCameras): FoundCameras {
  const [a, b] = [countPlaced(first.photos), countPlaced(second.photos)];
  const isWorse = b.sure < a.sure || (b.sure === a.sure && b.placed < a.placed);
  return isWorse ? first : second;
}

/**
 * Finds cameras from the first source alone; unless that places every photo beyond doubt, from all of them, and keeps the better. A network that
 * guesses cameras is opened only when that leaves photos out or in doubt, one that guesses depth when photos are left over in the end.
 *
 * @throws as `findCameras`, `openCameraModel` and `openDepthModel`; the signal's reason when aborted.
 */
export async function findInRounds(
  photos: readonly PosePhoto[],
  options: RoundOptions,
  context: StageContext,
): Promise<RoundsOutcome> {
  const { seed, isOneRound, depthModel, cameraModel, threads, verifier = null } = options;
  const sources = isOneRound ? options.sources : options.sources.map(rememberSource);
  const namesOf = (used: readonly FeatureSource[]): string[] => used.map(({ detector }) => detector.name);
  const share = isOneRound ? 0 : FIRST_SHARE;
  let first: FoundCameras | null = null;
  if (!isOneRound) {
    first = await findCameras(photos, { seed, verifier, sources: sources.slice(0, 1) }, partOfStage(context, 0, share));
    if (isSettled(first)) return { found: first, features: namesOf(sources.slice(0, 1)), warnings: [] };
  }
  const depth: OpenedDepthModel[] = [];
  const cameras: OpenedCameraModel[] = [];
  try {
    const openDepth = async () => {
      if (depth.length === 0) depth.push(await openDepthModel(depthModel, threads));
      return depth[0]!.network;
    };
    const openCameras = async () => {
      cameras.push(await openCameraModel(cameraModel, threads));
      return cameras.at(-1)!.network;
    };
    const second = await findCameras(
      photos,
      { seed, verifier, sources, openCameras, openDepth },
      partOfStage(context, share, 1 - share),
    );
    const found = first === null ? second : chooseBetter(first, second);
    const features = namesOf(found === first ? sources.slice(0, 1) : sources);
    return { found, features, warnings: [...cameras, ...depth].flatMap(({ warnings }) => warnings) };
  } finally {
    for (const opened of [...cameras, ...depth]) await opened.dispose();
  }
}
