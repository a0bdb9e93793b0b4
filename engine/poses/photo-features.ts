/** Keypoints of all photos, from one detector or several. */
import type { FeatureDetector, FeatureMatches } from '../scene/feature-detector.js';
import { toGreyImage } from '../scene/grey-image.js';
import type { ImageFeatures } from '../scene/image-features.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { RgbImage } from '../scene/view.js';
import type { PhotoMeasures } from './photo-quality.js';
import { measureSharpness } from './photo-quality.js';

/** A detector and how its keypoints are matched. */
export interface FeatureSource {
  readonly detector: FeatureDetector;
  /** A one-to-one relation. */
  match(first: ImageFeatures, second: ImageFeatures, signal?: AbortSignal): FeatureMatches | Promise<FeatureMatches>;
}

/** What was found in one photo. Keypoints of all sources are numbered through. */
export interface PhotoFeatures {
  /** In the order of the sources. */
  readonly bySource: readonly ImageFeatures[];
  /** [sources] the number of the first keypoint of each. */
  readonly offsets: readonly number[];
  /** [N, 2] pixels. */
  readonly points: Float32Array;
  readonly measures: PhotoMeasures;
}

function joinFeatures(bySource: readonly ImageFeatures[], sharpness: number): PhotoFeatures {
  const offsets: number[] = [];
  let count = 0;
  for (const { scores } of bySource) {
    offsets.push(count);
    count += scores.length;
  }
  const points = new Float32Array(count * 2);
  bySource.forEach((features, i) => points.set(features.points, offsets[i]! * 2));
  return { bySource, offsets, points, measures: { sharpness, featureCount: count } };
}

/**
 * Finds the keypoints of all photos, several at once where the detectors can.
 *
 * @throws what the detectors throw, and the signal's reason when it was aborted.
 */
export async function detectFeatures(
  photos: readonly { readonly name: string; readonly image: RgbImage }[],
  sources: readonly FeatureSource[],
  context: StageContext,
): Promise<PhotoFeatures[]> {
  const results = new Array<PhotoFeatures>(photos.length);
  const atOnce = Math.max(1, ...sources.map(({ detector }) => detector.atOnce ?? 1));
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < photos.length) {
      const index = next++;
      const { image, name } = photos[index]!;
      await yieldToHost(context);
      const bySource: ImageFeatures[] = [];
      for (const { detector } of sources) bySource.push(await detector.detect(image, context.signal));
      results[index] = joinFeatures(bySource, measureSharpness(toGreyImage(image)));
      context.onProgress?.(++done / photos.length, name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, photos.length) }, work));
  return results;
}
