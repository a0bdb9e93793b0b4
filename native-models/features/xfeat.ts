/** XFeat keypoints and descriptors through ONNX Runtime. */
import type { Tensor } from 'onnxruntime-node';
import { ImportError, ShapeError } from '../../engine/scene/errors.js';
import type { FeatureDetector } from '../../engine/scene/feature-detector.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { spreadKeypoints } from '../../engine/scene/spread-keypoints.js';
import type { RgbImage } from '../../engine/scene/view.js';
import { resampleImage } from '../depth/resample-image.js';
import type { ModelFile } from '../manifest.js';
import { XFEAT_MODEL } from '../manifest.js';
import type { DecodedKeypoints, XFeatMaps } from './decode-xfeat.js';
import { decodeKeypoints, normaliseCells, sampleDescriptor, XFEAT_CELL, XFEAT_LENGTH } from './decode-xfeat.js';
import type { FeatureSession, OpenFeatureNetworkOptions } from './feature-session.js';
import { openFeatureSession } from './feature-session.js';
import type { Tile } from './tile-photo.js';
import { cutSquare, layOutTiles } from './tile-photo.js';

/** The authors' largest number of keypoints. */
const MAX_COUNT = 4096;
/** What this export is made for; it takes no other size. */
const INPUT_SIDE = 640;
const MAP_SIDE = INPUT_SIDE / XFEAT_CELL;
/** Pixels that squares share: a keypoint then has 32 pixels of surroundings on each side. */
const OVERLAP = 64;
/** Longer side at which photos are searched, two squares; twice the matches of one square, and at half the error. */
const SEARCHED_SIDE = 2 * INPUT_SIDE - OVERLAP;
/** Small photos gain by enlarging too, up to here. */
const MAX_ENLARGEMENT = 2.5;
/** Pixels at the photo's border where the mirror image would take part in finding. */
const BORDER = 3;

export interface OpenXFeatOptions extends OpenFeatureNetworkOptions {
  /** Most keypoints of a photo; by default 4,096. */
  readonly maxCount?: number;
  /** Longer side at which photos are searched; by default 1,216, which takes two to four runs of the network. 640 takes one. */
  readonly searchedSide?: number;
  readonly model?: ModelFile;
}

function scaleForSearch(image: RgbImage, searchedSide: number): RgbImage {
  if (image.data.length !== image.width * image.height * 3) throw new ShapeError('image data and size disagree');
  const scale = Math.min(MAX_ENLARGEMENT, searchedSide / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const kernel = scale > 1 ? 'bicubic' : 'bilinear';
  return { width, height, data: resampleImage(image.data, { ...image, channels: 3 }, { width, height }, kernel) };
}

function readMaps(outputs: Readonly<Record<string, Tensor>>, path: string): XFeatMaps {
  const byChannels = (channels: number): Float32Array => {
    const found = Object.values(outputs).find(({ dims }) => dims[1] === channels && dims[2] === MAP_SIDE);
    if (found?.type === 'float32' && found.dims.length === 4 && found.dims[3] === MAP_SIDE)
      return found.data as Float32Array;
    throw new ImportError('unsupported', `It gives no map of ${channels} channels.`, path, '', 'Get the model again.');
  };
  return {
    columns: MAP_SIDE,
    rows: MAP_SIDE,
    descriptors: byChannels(XFEAT_LENGTH),
    logits: byChannels(XFEAT_CELL * XFEAT_CELL + 1),
    reliability: byChannels(1),
  };
}

async function runNetwork({ runtime, session, path }: FeatureSession, data: Float32Array): Promise<XFeatMaps> {
  const tensor = new runtime.Tensor('float32', data, [1, 3, INPUT_SIDE, INPUT_SIDE]);
  try {
    return readMaps(await session.run({ [session.inputNames[0] as string]: tensor }), path);
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const problem = `It does not run: ${error instanceof Error ? error.message : String(error)}.`;
    throw new ImportError('unsupported', problem, path, '', 'Get the model again.');
  } finally {
    tensor.dispose();
  }
}

/** A tile's keypoints, in pixels of the searched image. */
interface FoundInTile extends DecodedKeypoints {
  readonly tile: Tile;
  readonly maps: XFeatMaps;
}

async function searchTile(opened: FeatureSession, searched: RgbImage, tile: Tile): Promise<FoundInTile> {
  const maps = await runNetwork(opened, cutSquare(searched, tile.left, tile.top, INPUT_SIDE));
  const { left, top, own } = tile;
  const { points, scores } = decodeKeypoints(maps, {
    left: Math.max(own.left, BORDER) - left,
    right: Math.min(own.right, searched.width - BORDER) - left,
    top: Math.max(own.top, BORDER) - top,
    bottom: Math.min(own.bottom, searched.height - BORDER) - top,
  });
  for (let i = 0; i < scores.length; i++) {
    points[2 * i] = points[2 * i]! + left;
    points[2 * i + 1] = points[2 * i + 1]! + top;
  }
  normaliseCells(maps);
  return { tile, maps, points, scores };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The best of all tiles' keypoints as features of the photo. */
function toFeatures(
  found: readonly FoundInTile[],
  searched: RgbImage,
  image: RgbImage,
  maxCount: number,
): ImageFeatures {
  const all = join(found.map(({ points }) => points));
  const allScores = join(found.map((part) => part.scores));
  const holders = found.flatMap((part) => Array.from(part.scores, () => part));
  const chosen = spreadKeypoints(all, allScores, searched, maxCount);
  const points = new Float32Array(2 * chosen.length);
  const scores = new Float32Array(chosen.length);
  const data = new Float32Array(XFEAT_LENGTH * chosen.length);
  chosen.forEach((from, to) => {
    const u = all[2 * from]!;
    const v = all[2 * from + 1]!;
    points[2 * to] = (u * image.width) / searched.width;
    points[2 * to + 1] = (v * image.height) / searched.height;
    scores[to] = allScores[from]!;
    const { maps, tile } = holders[from]!;
    sampleDescriptor(maps, u - tile.left, v - tile.top, data.subarray(XFEAT_LENGTH * to, XFEAT_LENGTH * (to + 1)));
  });
  const descriptors = { kind: 'float', length: XFEAT_LENGTH, data } as const;
  return { detector: 'xfeat', width: image.width, height: image.height, points, scores, descriptors };
}

/**
 * A detector of XFeat features (Potje et al. 2024), or null when the user has no such model. A photo is seen in overlapping squares. The
 * descriptors are unit vectors of 64 numbers; they bear little rotation. `detect` throws ShapeError for data that does not fit its size,
 * ImportError when the network does not run, and the signal's reason when aborted. A pixel that is not finite counts as black.
 *
 * @throws ImportError when the file is there but damaged; OnnxRuntimeMissingError when the runtime does not load.
 */
export async function openXFeat(options: OpenXFeatOptions): Promise<FeatureDetector | null> {
  const opened = await openFeatureSession(options.model ?? XFEAT_MODEL, options);
  if (opened === null) return null;
  return {
    name: 'xfeat',
    async detect(image, signal) {
      const searched = scaleForSearch(image, options.searchedSide ?? SEARCHED_SIDE);
      const found: FoundInTile[] = [];
      for (const tile of layOutTiles(searched.width, searched.height, INPUT_SIDE, OVERLAP)) {
        signal?.throwIfAborted();
        found.push(await searchTile(opened, searched, tile));
      }
      signal?.throwIfAborted();
      return toFeatures(found, searched, image, options.maxCount ?? MAX_COUNT);
    },
    dispose: () => opened.session.release(),
  };
}
