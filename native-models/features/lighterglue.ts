/** LighterGlue: matches XFeat's features by a network that sees both photos' keypoints at once, through ONNX Runtime. */
import type { Tensor } from 'onnxruntime-node';
import { ImportError, ShapeError } from '../../engine/scene/errors.js';
import type { FeatureMatcher, FeatureMatches } from '../../engine/scene/feature-detector.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import type { OnnxRuntime } from '../depth/onnx-depth.js';
import type { ModelFile } from '../manifest.js';
import { LIGHTERGLUE_MODEL } from '../manifest.js';
import type { FeatureSession, OpenFeatureNetworkOptions } from './feature-session.js';
import { openFeatureSession } from './feature-session.js';

/** Time and memory grow with the square of the number of keypoints; the network was trained with 2,048 or fewer. */
const MAX_KEYPOINTS = 2048;

export interface OpenLighterGlueOptions extends OpenFeatureNetworkOptions {
  readonly model?: ModelFile;
  /** The strongest so many keypoints of a photo are matched; by default 2,048. */
  readonly maxKeypoints?: number;
}

export interface LighterGlue extends FeatureMatcher {
  /** Frees the session. */
  dispose(): Promise<void>;
}

/** What the network sees of a photo: positions in units of half its longer side, from its centre. */
interface Prepared {
  /** Indices of the keypoints, strongest first. */
  readonly order: Uint32Array;
  readonly keypoints: Float32Array;
  readonly descriptors: Float32Array;
}

function prepare(features: ImageFeatures, maxKeypoints: number): Prepared {
  const { descriptors, points, scores, width, height } = features;
  if (descriptors.kind !== 'float') throw new ShapeError('LighterGlue matches descriptors of numbers');
  const { length } = descriptors;
  if (descriptors.data.length !== scores.length * length || points.length !== 2 * scores.length)
    throw new ShapeError('points, scores and descriptors disagree');
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, maxKeypoints);
  const keypoints = new Float32Array(2 * order.length);
  const data = new Float32Array(length * order.length);
  const half = Math.max(width, height) / 2;
  order.forEach((from, to) => {
    keypoints[2 * to] = (points[2 * from]! - width / 2) / half;
    keypoints[2 * to + 1] = (points[2 * from + 1]! - height / 2) / half;
    data.set(descriptors.data.subarray(length * from, length * (from + 1)), length * to);
  });
  return { order, keypoints, descriptors: data };
}

function makeFeeds(runtime: OnnxRuntime, first: Prepared, second: Prepared): Record<string, Tensor> {
  const tensor = (data: Float32Array, count: number): Tensor =>
    new runtime.Tensor('float32', data, [1, count, data.length / count]);
  return {
    kpts0: tensor(first.keypoints, first.order.length),
    kpts1: tensor(second.keypoints, second.order.length),
    desc0: tensor(first.descriptors, first.order.length),
    desc1: tensor(second.descriptors, second.order.length),
  };
}

async function matchPrepared(opened: FeatureSession, first: Prepared, second: Prepared): Promise<FeatureMatches> {
  const feeds = makeFeeds(opened.runtime, first, second);
  let outputs: Readonly<Record<string, Tensor>>;
  try {
    outputs = await opened.session.run(feeds, ['matches', 'scores']);
  } catch (error) {
    const problem = `It does not run: ${error instanceof Error ? error.message : String(error)}.`;
    throw new ImportError('unsupported', problem, opened.path, '', 'Get the model again.');
  } finally {
    for (const tensor of Object.values(feeds)) tensor.dispose();
  }
  const pairs = outputs['matches']?.data as BigInt64Array;
  const scores = outputs['scores']?.data as Float32Array;
  const found = Array.from(scores, (score, k) => ({
    i: first.order[Number(pairs[2 * k])]!,
    j: second.order[Number(pairs[2 * k + 1])]!,
    score,
  })).sort((a, b) => a.i - b.i);
  return {
    indices: Uint32Array.from(found.flatMap(({ i, j }) => [i, j])),
    scores: Float32Array.from(found, ({ score }) => score),
  };
}

/**
 * A matcher of XFeat's features (Potje et al. 2024; LightGlue, Lindenberger et al. 2023), or null when the user has no such model. `match` answers
 * with one-to-one pairs that the network finds likelier than 0.1, which is `scores`. It throws ShapeError for other features than XFeat's,
 * ImportError when the network does not run, and the signal's reason when aborted.
 *
 * @throws ImportError when the file is there but damaged; OnnxRuntimeMissingError when the runtime does not load.
 */
export async function openLighterGlue(options: OpenLighterGlueOptions): Promise<LighterGlue | null> {
  const opened = await openFeatureSession(options.model ?? LIGHTERGLUE_MODEL, options);
  if (opened === null) return null;
  const maxKeypoints = options.maxKeypoints ?? MAX_KEYPOINTS;
  return {
    name: 'lighterglue',
    async match(first, second, signal) {
      signal?.throwIfAborted();
      for (const { detector } of [first, second]) {
        if (detector !== 'xfeat') throw new ShapeError(`LighterGlue cannot match features of ${detector}`);
      }
      const [a, b] = [prepare(first, maxKeypoints), prepare(second, maxKeypoints)];
      // The network does not take empty lists.
      if (a.order.length === 0 || b.order.length === 0)
        return { indices: new Uint32Array(0), scores: new Float32Array(0) };
      const matches = await matchPrepared(opened, a, b);
      signal?.throwIfAborted();
      return matches;
    },
    dispose: () => opened.session.release(),
  };
}
