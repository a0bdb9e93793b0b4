/** The networks that we know: where they come from, and for depth what they eat and what their numbers mean. Weights are never shipped with the product. */
import type { DepthOutputKind } from '../engine/scene/depth-network.js';

/** To which size a photo is brought before the network sees it. */
export type InputSizeRule =
  | { readonly kind: 'fixed'; readonly width: number; readonly height: number }
  /** Short side to about `shortSide`, aspect kept, both sides rounded to a multiple, the long side at most `maxLongSide`. */
  | {
      readonly kind: 'multiple-of';
      readonly multiple: number;
      readonly shortSide: number;
      readonly maxLongSide: number;
    };

/** All that is needed to run a network and to read its output. */
export interface DepthNetworkSettings {
  readonly input: InputSizeRule;
  /** Planes of red, green and blue, float32: [1, 3, H, W]. The only layout so far. */
  readonly layout: 'nchw-rgb-float32';
  /** Applied to 0..1 values, per channel: (value − mean) / std. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly resizeKernel: 'bilinear' | 'bicubic';
  /** Null: the session's only or first one. */
  readonly inputName: string | null;
  readonly outputName: string | null;
  readonly outputKind: DepthOutputKind;
}

/** A file, pinned by content. */
export interface PinnedFile {
  /** In the user's model folder. */
  readonly fileName: string;
  /** Direct download of exactly this file, or null. */
  readonly url: string | null;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A file that a model's first one refers to: weights that are kept apart (ONNX, "external data"). */
export interface CompanionFile extends PinnedFile {
  /** The name that the first file knows it under; in the model folder it has one of its own. */
  readonly location: string;
}

/** A network's file, pinned by content, and those that it needs beside it. */
export interface ModelFile extends PinnedFile {
  readonly name: string;
  /** None when left out. */
  readonly companions?: readonly CompanionFile[];
  /** SPDX expression of the weights. */
  readonly licence: string;
  /** Where it comes from, and how to get it when there is no direct download. */
  readonly source: string;
}

/** A depth network by name. */
export interface DepthNetworkEntry extends DepthNetworkSettings, ModelFile {}

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

const DEPTH_ANYTHING_V2 = {
  licence: 'Apache-2.0',
  source: 'Depth Anything V2 Small (Yang et al. 2024), ONNX export by onnx-community on Hugging Face',
  // Vision transformer with patches of 14; trained at 518. 1022 bounds memory on panoramic strips.
  input: { kind: 'multiple-of', multiple: 14, shortSide: 518, maxLongSide: 1022 },
  layout: 'nchw-rgb-float32',
  ...IMAGENET,
  resizeKernel: 'bicubic',
  inputName: 'pixel_values',
  outputName: 'predicted_depth',
  outputKind: 'inverse-depth',
} as const;

const FASTDEPTH = {
  layout: 'nchw-rgb-float32',
  ...PLAIN,
  resizeKernel: 'bilinear',
  outputKind: 'metric-depth',
} as const;

const DEPTH_ANYTHING_V2_FOLDER = 'https://huggingface.co/onnx-community/depth-anything-v2-small/resolve';
const DEPTH_ANYTHING_V2_COMMIT = '4472b7362082ad9968fee890ca0f1e5aca36b93d';

/**
 * Known networks; the first is the one we would recommend to download. Left out on purpose: weights under non-commercial or unstated
 * licences, and networks that need several photos at once.
 */
export const DEPTH_NETWORKS: readonly DepthNetworkEntry[] = [
  {
    ...DEPTH_ANYTHING_V2,
    name: 'depth-anything-v2-small',
    fileName: 'depth-anything-v2-small.onnx',
    url: `${DEPTH_ANYTHING_V2_FOLDER}/${DEPTH_ANYTHING_V2_COMMIT}/onnx/model.onnx`,
    bytes: 99060839,
    sha256: 'afb6a5c28f3b6bf1618c6e43f02073ef9dfdc70e937502d51603e57b0a1df10c',
  },
  {
    ...DEPTH_ANYTHING_V2,
    name: 'depth-anything-v2-small-int8',
    fileName: 'depth-anything-v2-small-int8.onnx',
    url: `${DEPTH_ANYTHING_V2_FOLDER}/${DEPTH_ANYTHING_V2_COMMIT}/onnx/model_quantized.onnx`,
    bytes: 27258801,
    sha256: 'fcf51f1b230362b28690bb9d1809bf0431f29cad20534e3f589bd7285547f20d',
  },
  {
    ...DEPTH_ANYTHING_V2,
    name: 'depth-anything-v2-small-q4f16',
    fileName: 'depth-anything-v2-small-q4f16.onnx',
    url: `${DEPTH_ANYTHING_V2_FOLDER}/main/onnx/model_q4f16.onnx`,
    bytes: 19126267,
    sha256: 'eca72971aea64216d767c70c534160de53b5435b588d362bac6dbd5a73f9bf1e',
  },
  {
    name: 'midas-v2.1-small',
    fileName: 'midas-v2.1-small.onnx',
    url: 'https://github.com/isl-org/MiDaS/releases/download/v2_1/model-small.onnx',
    bytes: 66764249,
    sha256: '2d8c6cb8f415229daf1eb041024208e2608c9f98e17c81cc7c6ecb449c56fd58',
    licence: 'MIT',
    source: 'MiDaS v2.1 small (Ranftl et al. 2020), release v2_1 of isl-org/MiDaS',
    input: { kind: 'fixed', width: 256, height: 256 },
    layout: 'nchw-rgb-float32',
    ...IMAGENET,
    resizeKernel: 'bicubic',
    inputName: null,
    outputName: null,
    outputKind: 'inverse-depth',
  },
  {
    ...FASTDEPTH,
    name: 'fastdepth-320x256',
    fileName: 'fast_depth_256x320.onnx',
    url: null,
    bytes: 5420454,
    sha256: 'dfc532a08f0ee34283d890d845e3824973f17240ad1d7eb617d9959ec8dc23c9',
    licence: 'MIT',
    source:
      'FastDepth (Wofk et al. 2019), from PINTO_model_zoo 146: unpack saved_model_256x320/fast_depth_256x320.onnx from its resources.tar.gz',
    input: { kind: 'fixed', width: 320, height: 256 },
    inputName: null,
    outputName: null,
  },
  {
    ...FASTDEPTH,
    name: 'fastdepth-224-int8',
    fileName: 'fastdepth_224_int8w.onnx',
    url: null,
    bytes: 1434057,
    sha256: 'a157b23a495506c87d935ab5289c2fbbd5ebcb5646eec465cf067596f08a1244',
    licence: 'MIT AND Apache-2.0',
    source:
      'FastDepth (Wofk et al. 2019), 8-bit weights; indoor-trained. No public download of this file: copy it into the folder',
    input: { kind: 'fixed', width: 224, height: 224 },
    inputName: 'image',
    outputName: 'depth',
  },
];

/** The entry of that name, or null. */
export function findDepthNetworkEntry(
  name: string,
  networks: readonly DepthNetworkEntry[] = DEPTH_NETWORKS,
): DepthNetworkEntry | null {
  return networks.find((entry) => entry.name === name) ?? null;
}

/** Keypoints and descriptors (Potje et al. 2024, "XFeat: Accelerated Features for Lightweight Image Matching"). */
export const XFEAT_MODEL: ModelFile = {
  name: 'xfeat-640',
  fileName: 'xfeat.onnx',
  url: null,
  bytes: 2699407,
  sha256: '54041f61f0d9b1968451a65fe0fd79e96692b1d8266c54a6939a73e847df5988',
  licence: 'Apache-2.0',
  source:
    'XFeat (Potje et al. 2024, verlab/accelerated_features), ONNX export for 640 × 640. No public download of this file: copy it into the folder',
};

const LIGHTERGLUE_REPOSITORY = 'https://github.com/noahzhy/xfeat_lightglue_onnx';
const LIGHTERGLUE_COMMIT = '3cc06cf860421010611e5b392d8cb457480c5c2c';

/** Matches XFeat's features (LightGlue, Lindenberger et al. 2023, trained smaller by XFeat's authors; the first three of its six layers). */
export const LIGHTERGLUE_MODEL: ModelFile = {
  name: 'lighterglue-l3',
  fileName: 'lighterglue_L3.onnx',
  url: `${LIGHTERGLUE_REPOSITORY}/raw/${LIGHTERGLUE_COMMIT}/onnx/lighterglue_L3.onnx`,
  bytes: 2349183,
  sha256: 'a721f366f54b20328fa98c799cc31478edb1c31f0c941528df3d363c3753760d',
  licence: 'Apache-2.0',
  source: 'LighterGlue (verlab/accelerated_features), ONNX export by noahzhy/xfeat_lightglue_onnx',
};

/** What cameras of photos are found with, beside features that need no network. */
export const FEATURE_MODELS: readonly ModelFile[] = [XFEAT_MODEL, LIGHTERGLUE_MODEL];

const DEPTH_ANYTHING_V3_FOLDER = 'https://huggingface.co/onnx-community/depth-anything-v3-small/resolve';
const DEPTH_ANYTHING_V3_COMMIT = '0b6a7f3bf5595f9950b91389e0da3a0de130324c';

/** Cameras of several photos at once (Lin et al. 2025, "Depth Anything 3: Recovering the Visual Space from Any Views"). */
export const DEPTH_ANYTHING_V3_MODEL: ModelFile = {
  name: 'depth-anything-v3-small',
  fileName: 'depth-anything-v3-small.onnx',
  url: `${DEPTH_ANYTHING_V3_FOLDER}/${DEPTH_ANYTHING_V3_COMMIT}/onnx/model.onnx`,
  bytes: 640691,
  sha256: '396008798244a074297fd88e450433b1357fc687f534939375c804ded86e7b2a',
  companions: [
    {
      fileName: 'depth-anything-v3-small.onnx_data',
      location: 'model.onnx_data',
      url: `${DEPTH_ANYTHING_V3_FOLDER}/${DEPTH_ANYTHING_V3_COMMIT}/onnx/model.onnx_data`,
      bytes: 104702464,
      sha256: '802bb24741e67f5bb2b369fc64d40afe11439cc895d676d658d65cfb75c9860f',
    },
  ],
  licence: 'Apache-2.0',
  source: 'Depth Anything 3 Small (Lin et al. 2025), ONNX export by onnx-community on Hugging Face, two files',
};

/** Networks that guess the cameras of photos; the first that is installed is used. */
export const CAMERA_MODELS: readonly ModelFile[] = [DEPTH_ANYTHING_V3_MODEL];

/** All that the model folder may hold. */
export const ALL_MODELS: readonly ModelFile[] = [...DEPTH_NETWORKS, ...FEATURE_MODELS, ...CAMERA_MODELS];

/** The first file of a model, then those that it needs beside it. */
export function filesOf(model: ModelFile): readonly PinnedFile[] {
  return [model, ...(model.companions ?? [])];
}

/** Bytes of all files of a model. */
export function totalBytes(model: ModelFile): number {
  return filesOf(model).reduce((sum, { bytes }) => sum + bytes, 0);
}
