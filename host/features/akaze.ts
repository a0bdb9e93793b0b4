/** AKAZE keypoints and their binary descriptors, through OpenCV. */
import { availableParallelism } from 'node:os';
import { PIXEL_CENTRE } from '../../engine/math/conventions.js';
import type { FeatureDetector } from '../../engine/scene/feature-detector.js';
import type { GreyImage } from '../../engine/scene/grey-image.js';
import { toGreyImage } from '../../engine/scene/grey-image.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { spreadKeypoints } from '../../engine/scene/spread-keypoints.js';
import { resampleImage } from '../../native-models/depth/resample-image.js';
import type { AkazeFindings } from './akaze-threads.js';
import { AkazeThreads } from './akaze-threads.js';

/**
 * Photos are searched at about this size, smaller ones enlarged: AKAZE's finest blobs are 5 pixels wide, and those of a photo of 500 × 400
 * are not found unless it is made twice as large. Twice the matches of fern and of temple; beyond 1.2 megapixels nothing is won, and with
 * 0.8 temple falls apart.
 */
const SEARCHED_PIXELS = 1.2e6;
const MAX_ENLARGEMENT = 2;
/** OpenCV halves the picture three times and drops what is odd, but scales positions back by 2: sides that halve evenly keep them in place. */
const EVEN = 8;
/** What is narrower is all border to AKAZE, and OpenCV fails on a single pixel. */
const MIN_SIDE = 16;
/** Fewer keypoints than this, and the photo is searched again with the next lower threshold. */
const WANTED_COUNT = 3000;
const MAX_COUNT = 6000;
/** Each takes 130 MB. */
const MAX_THREADS = 4;
/** Determinant of the Hessian of luma 0..1. OpenCV's own 1e-3 leaves many a photo with some hundred keypoints. */
const THRESHOLDS = [1e-4, 1e-5, 1e-6];
/** 486 bits. */
const BYTES_EACH = 61;

export interface AkazeOptions {
  /** Most keypoints of a photo; by default 6,000. */
  readonly maxCount?: number;
  /** Photos that are searched at the same time; by default one for each core, 4 at most. */
  readonly threads?: number;
}

const NOTHING: AkazeFindings = { points: new Float32Array(0), scores: new Float32Array(0), bytes: new Uint8Array(0) };

function scaleForSearch(grey: GreyImage): GreyImage {
  const scale = Math.min(MAX_ENLARGEMENT, Math.sqrt(SEARCHED_PIXELS / (grey.width * grey.height)));
  const [width, height] = [grey.width, grey.height].map(
    (side) => Math.max(1, Math.round((side * scale) / EVEN)) * EVEN,
  ) as [number, number];
  const kernel = scale > 1 ? 'bicubic' : 'bilinear';
  return { width, height, data: resampleImage(grey.data, { ...grey, channels: 1 }, { width, height }, kernel) };
}

/** The best of what was found, in pixels of the photo. */
function keepBest(found: AkazeFindings, searched: GreyImage, photo: GreyImage, maxCount: number): ImageFeatures {
  const { width, height } = photo;
  // OpenCV counts from the centre of the first pixel.
  const centred = found.points.map((value) => value + PIXEL_CENTRE);
  const chosen = spreadKeypoints(centred, found.scores, searched, maxCount);
  const points = new Float32Array(2 * chosen.length);
  const scores = new Float32Array(chosen.length);
  const data = new Uint8Array(BYTES_EACH * chosen.length);
  chosen.forEach((from, to) => {
    points[2 * to] = (centred[2 * from]! * width) / searched.width;
    points[2 * to + 1] = (centred[2 * from + 1]! * height) / searched.height;
    scores[to] = found.scores[from]!;
    data.set(found.bytes.subarray(BYTES_EACH * from, BYTES_EACH * (from + 1)), BYTES_EACH * to);
  });
  const descriptors = { kind: 'binary', bytesEach: BYTES_EACH, data } as const;
  return { detector: 'akaze', width, height, points, scores, descriptors };
}

/**
 * A detector of AKAZE features (Alcantarilla, Nuevo and Bartoli 2013): blobs of a nonlinear scale space, to a fraction of a pixel, with
 * M-LDB descriptors of 486 bits that turn and grow with the picture. Where a photo shows little the threshold is lowered; where it shows
 * much, the strongest and best spread are kept. Half a second to a second a photo, on one core.
 *
 * `detect` may be called for several photos at once. It throws ShapeError for data that does not fit its size, OpenCvError when OpenCV does
 * not load or fails, and the signal's reason when aborted. A pixel that is not finite counts as black. A photo too narrow to search has no
 * features.
 */
export function openAkaze({ maxCount = MAX_COUNT, threads = defaultThreads() }: AkazeOptions = {}): FeatureDetector {
  const opencv = new AkazeThreads(threads);
  return {
    name: 'akaze',
    atOnce: threads,
    async detect(image, signal) {
      signal?.throwIfAborted();
      const grey = toGreyImage(image);
      const searched = scaleForSearch(grey);
      let found = NOTHING;
      for (const threshold of THRESHOLDS) {
        if (Math.min(searched.width, searched.height) < MIN_SIDE) break;
        found = await untilAborted(opencv.detect(searched, threshold), signal);
        if (found.scores.length >= Math.min(WANTED_COUNT, maxCount)) break;
      }
      return keepBest(found, searched, grey, maxCount);
    },
    dispose: async () => opencv.close(),
  };
}

function defaultThreads(): number {
  return Math.max(1, Math.min(MAX_THREADS, availableParallelism()));
}

/** A thread that is at work cannot be asked to stop: whoever has aborted does not wait for it. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
