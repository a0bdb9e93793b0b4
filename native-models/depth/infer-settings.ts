/** Guesses how to run a depth network that the manifest does not know. */
import { ImportError } from '../../engine/scene/errors.js';
import type { DepthNetworkSettings, InputSizeRule } from '../manifest.js';

/** What a session says of one of its inputs or outputs; symbolic dimensions are names. */
export interface TensorDescription {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export interface InferredSettings {
  readonly settings: DepthNetworkSettings;
  /** One sentence each: what was assumed, and from what. */
  readonly warnings: readonly string[];
}

/** No network for photos takes more; a larger fixed size is a broken or hostile file. */
const MAX_INPUT_SIDE = 4096;
/** Suits patches of 14, 16 and 32 alike. */
const SAFE_MULTIPLE = 224;

/**
 * Settings for an unknown network: one float32 image input [1, 3, H, W], one map as output. Fixed sizes are taken from the input's shape;
 * free ones become multiples of 224. Normalisation is assumed to be ImageNet's, and the output inverse depth, or metres when the
 * output's name or the file's says "metric".
 *
 * @param file the model's path as the user knows it.
 * @throws ImportError `unsupported` when inputs or outputs are not those of a depth network, saying which.
 */
export function inferNetworkSettings(
  inputs: readonly TensorDescription[],
  outputs: readonly TensorDescription[],
  file: string,
): InferredSettings {
  const input = inputs[0];
  if (inputs.length !== 1 || !input) {
    throw unsupported(file, 'inputs', `It has ${inputs.length} inputs; a depth network has one, the photo.`);
  }
  const where = `input "${input.name}"`;
  if (input.type !== 'float32') throw unsupported(file, where, `Its type is ${input.type}, not float32.`);
  const [batch, channels, height, width] = input.shape;
  if (input.shape.length !== 4 || channels !== 3 || (typeof batch === 'number' && batch !== 1 && batch > 0)) {
    throw unsupported(file, where, `Its shape is [${input.shape.join(', ')}], not [1, 3, height, width].`);
  }
  // The first output is the answer by custom; a later one must say that it is depth, or a feature network's scores would pass.
  const output = outputs.find(
    ({ name, type, shape }, i) => type === 'float32' && isMapShape(shape) && (i === 0 || /depth|disp/i.test(name)),
  );
  if (!output) {
    const shapes = outputs.map(({ name, shape }) => `"${name}" [${shape.join(', ')}]`).join(', ');
    throw unsupported(file, 'outputs', `None of its outputs is a depth map: ${shapes}.`);
  }
  const rule = inferSizeRule(height, width, file, where);
  const isMetric = /metric/i.test(output.name) || /metric/i.test(file.replace(/^.*[\\/]/, ''));
  const outputKind = isMetric ? 'metric-depth' : 'inverse-depth';
  const warnings = [
    `${file} is not a network we know: input "${input.name}" is fed at ${describeRule(rule)}, ` +
      `with ImageNet's mean and deviation, as most depth networks expect.`,
    `Output "${output.name}" is taken for ${isMetric ? 'depth in metres, since a name says "metric"' : 'inverse depth (larger is nearer), as in most networks'}.`,
  ];
  const settings: DepthNetworkSettings = {
    input: rule,
    layout: 'nchw-rgb-float32',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    resizeKernel: 'bicubic',
    inputName: input.name,
    outputName: output.name,
    outputKind,
  };
  return { settings, warnings };
}

/** Whether a shape can be a single map: at least two dimensions, and all but the last two are 1 or free. */
function isMapShape(shape: readonly (number | string)[]): boolean {
  if (shape.length < 2 || shape.length > 4) return false;
  const isFree = (side: number | string): boolean => typeof side === 'string' || side < 0;
  return (
    shape.slice(0, -2).every((side) => side === 1 || isFree(side)) &&
    shape.slice(-2).every((side) => isFree(side) || (side as number) > 1)
  );
}

function inferSizeRule(
  height: number | string | undefined,
  width: number | string | undefined,
  file: string,
  where: string,
): InputSizeRule {
  const isFixed = (side: number | string | undefined): side is number => typeof side === 'number' && side > 0;
  if (isFixed(height) && isFixed(width)) {
    if (Math.max(height, width) > MAX_INPUT_SIDE) {
      throw unsupported(file, where, `It asks for photos of ${width} × ${height} pixels.`);
    }
    return { kind: 'fixed', width, height };
  }
  return { kind: 'multiple-of', multiple: SAFE_MULTIPLE, shortSide: 2 * SAFE_MULTIPLE, maxLongSide: 4 * SAFE_MULTIPLE };
}

function describeRule(rule: InputSizeRule): string {
  return rule.kind === 'fixed'
    ? `${rule.width} × ${rule.height} pixels`
    : `sides that are multiples of ${rule.multiple}`;
}

function unsupported(file: string, where: string, problem: string): ImportError {
  return new ImportError('unsupported', problem, file, where, 'Use a monocular depth network in ONNX form.');
}
