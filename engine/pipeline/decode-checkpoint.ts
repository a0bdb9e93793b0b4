/** Bytes of encode-checkpoint.ts to a checkpoint; whatever is wrong with them ends in an ImportError. */
import { ContentHash } from '../math/content-hash.js';
import { ImportError } from '../scene/errors.js';
import type { Splats } from '../scene/splats.js';
import { shCoefficientCount } from '../scene/splats.js';
import type { SceneState, StateArray } from '../splatting/contract.js';
import type { ConvDecoderState } from '../training/decoder/conv-decoder.js';
import type { DecoderState } from '../training/decoder/scene-decoder.js';
import type { TargetGuides } from '../training/make-targets.js';
import { MOTIONS } from '../training/presets.js';
import type { RowMoments } from '../training/refinement/adam-rows.js';
import type { RefinementState } from '../training/refinement/view-refinement.js';
import type { LoopState } from '../training/train-scene.js';
import type { Checkpoint, RunFingerprint } from './checkpoint.js';
import { CheckpointFields } from './checkpoint-fields.js';
import type { ArrayTypeName, CheckpointDescription } from './encode-checkpoint.js';
import {
  alignUp,
  ARRAY_ALIGNMENT,
  ARRAY_TYPES,
  CHECKPOINT_HEAD_BYTES,
  CHECKPOINT_MAGIC,
  CHECKPOINT_VERSION,
} from './encode-checkpoint.js';
import type { ViewReport } from './view-report.js';

const MAX_DESCRIPTION_BYTES = 32 * 1024 * 1024;
const MAX_ARRAYS = 100_000;
const MAX_ITERATIONS = 1_000_000;
const MAX_COUNT = 100_000_000;
const MAX_VIEWS = 65_535;
const MAX_SIDE = 32_768;

function damaged(file: string, problem: string): ImportError {
  return new ImportError('malformed', problem, file, '', 'Take an older checkpoint, or start again.');
}

function parseDescription(bytes: Uint8Array, file: string): CheckpointDescription {
  try {
    const description = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as CheckpointDescription;
    if (Array.isArray(description.arrays)) return description;
  } catch {
    // Falls through to the one message for people.
  }
  throw damaged(file, 'Its description cannot be read.');
}

/** Views of `bytes`, whose sizes are compared with what is there first. */
function takeArrays(
  bytes: Uint8Array,
  start: number,
  table: CheckpointDescription['arrays'],
  file: string,
): StateArray[] {
  if (table.length > MAX_ARRAYS) throw damaged(file, 'It announces too many arrays.');
  let at = start;
  const arrays = table.map((entry) => {
    const [name, length] = (Array.isArray(entry) ? entry : []) as [unknown, unknown];
    if (typeof name !== 'string' || !Object.hasOwn(ARRAY_TYPES, name) || !Number.isSafeInteger(length))
      throw damaged(file, 'It announces an array of no known kind.');
    const type = ARRAY_TYPES[name as ArrayTypeName];
    const byteLength = (length as number) * type.BYTES_PER_ELEMENT;
    if (byteLength < 0 || at + byteLength > bytes.byteLength)
      throw damaged(file, 'It announces more numbers than the file holds.');
    const array = new type(bytes.buffer as ArrayBuffer, bytes.byteOffset + at, length as number);
    at += alignUp(byteLength);
    return array;
  });
  if (at !== bytes.byteLength) throw damaged(file, 'Its size is not the one that it announces.');
  return arrays;
}

function readSplats(fields: CheckpointFields): Splats {
  const count = fields.whole('count', 0, MAX_COUNT);
  const shDegree = fields.whole('shDegree', 0, 3);
  return {
    count,
    shDegree,
    means: fields.typed('means', Float32Array, count * 3),
    quats: fields.typed('quats', Float32Array, count * 4),
    logScales: fields.typed('logScales', Float32Array, count * 3),
    rawOpacities: fields.typed('rawOpacities', Float32Array, count),
    shCoeffs: fields.typed('shCoeffs', Float32Array, count * shCoefficientCount(shDegree) * 3),
  };
}

function readScene(fields: CheckpointFields): SceneState {
  const arrays = fields.object('arrays');
  return {
    backend: fields.choice('backend', ['reference', 'wasm', 'webgpu']),
    splats: readSplats(fields.object('splats')),
    // What belongs in there only the backend knows; it checks each.
    arrays: Object.fromEntries(arrays.names().map((name) => [name, arrays.array(name)])),
  };
}

function readConvDecoder(fields: CheckpointFields): ConvDecoderState {
  const weights = fields.typed('weights', Float32Array);
  return {
    weights,
    first: fields.typed('first', Float32Array, weights.length),
    second: fields.typed('second', Float32Array, weights.length),
    steps: fields.whole('steps', 0, MAX_ITERATIONS),
  };
}

function readDecoder(fields: CheckpointFields, count: number): DecoderState {
  const [sizes, places] = [fields.object('sizes'), fields.object('places')];
  return {
    sizes: {
      viewCount: sizes.whole('viewCount', 1, MAX_VIEWS),
      width: sizes.whole('width', 1, MAX_SIDE),
      height: sizes.whole('height', 1, MAX_SIDE),
      segmentCount: sizes.whole('segmentCount', 1, 255),
      seed: sizes.number('seed', -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    },
    places: {
      viewIndices: places.typed('viewIndices', Uint16Array, count),
      imageCoords: places.typed('imageCoords', Float32Array, count * 2),
      segments: places.typed('segments', Uint8Array, count),
    },
    depth: readConvDecoder(fields.object('depth')),
    opacity: fields.isNull('opacity') ? null : readConvDecoder(fields.object('opacity')),
  };
}

function readLoop(fields: CheckpointFields): LoopState {
  return {
    iteration: fields.whole('iteration', 0, MAX_ITERATIONS),
    order: fields.list('order').map((photo) => photo.whole('value', 0, MAX_VIEWS)),
    randomState: fields.whole('randomState', 0, 0xffffffff),
    momentsFrom: fields.whole('momentsFrom', 0, MAX_ITERATIONS),
  };
}

function readFingerprint(fields: CheckpointFields): RunFingerprint {
  return {
    photos: fields.text('photos'),
    preset: fields.text('preset'),
    iterations: fields.text('iterations'),
    seed: fields.text('seed'),
    motion: fields.text('motion'),
    'number of splats': fields.text('number of splats'),
    backend: fields.text('backend'),
    'depth model': fields.text('depth model'),
  };
}

function readGuides(fields: CheckpointFields): TargetGuides {
  const take = (name: string): Float32Array | null => (fields.isNull(name) ? null : fields.typed(name, Float32Array));
  return { tvWeights: take('tvWeights'), priorInverseDepth: take('priorInverseDepth') };
}

function readViewReport(fields: CheckpointFields): ViewReport {
  return {
    name: fields.text('name'),
    confirmedShare: fields.number('confirmedShare', 0, 1),
    alignmentResidual: fields.isNull('alignmentResidual')
      ? null
      : fields.number('alignmentResidual', 0, Number.MAX_VALUE),
  };
}

function readMoments(fields: CheckpointFields): RowMoments {
  return { first: fields.typed('first', Float64Array), second: fields.typed('second', Float64Array) };
}

/** Whether the lengths fit the photos is seen where the photos are. */
function readRefinement(fields: CheckpointFields): RefinementState {
  return {
    steps: fields.typed('steps', Uint32Array),
    poses: fields.typed('poses', Float64Array),
    poseMoments: readMoments(fields.object('poseMoments')),
    logFocal: fields.typed('logFocal', Float64Array),
    focalMoments: readMoments(fields.object('focalMoments')),
    colors: fields.typed('colors', Float64Array),
    colorMoments: readMoments(fields.object('colorMoments')),
  };
}

/** Version of the format that brought `refinement`. */
const REFINEMENT_SINCE = 2;

/** The description's block and the arrays behind it, once magic, version, sizes and digest have been found right. */
function openEnvelope(
  bytes: Uint8Array,
  file: string,
): { readonly version: number; readonly fields: CheckpointFields } {
  if (bytes.byteLength < CHECKPOINT_HEAD_BYTES) throw damaged(file, `${bytes.byteLength} bytes are no checkpoint.`);
  const head = new DataView(bytes.buffer, bytes.byteOffset, CHECKPOINT_HEAD_BYTES);
  if (head.getUint32(0, true) !== CHECKPOINT_MAGIC) throw damaged(file, 'This is no checkpoint.');
  const version = head.getUint32(4, true);
  if (version > CHECKPOINT_VERSION)
    throw new ImportError(
      'unsupported',
      `It was written by a newer Vantage (version ${version} of the format; this one reads ${CHECKPOINT_VERSION}).`,
      file,
      '',
      'Use that version, or start again.',
    );
  if (version === 0) throw damaged(file, 'There is no version 0 of the format.');
  const descriptionBytes = head.getUint32(8, true);
  const start = CHECKPOINT_HEAD_BYTES + descriptionBytes;
  if (descriptionBytes > MAX_DESCRIPTION_BYTES || start > bytes.byteLength || start % ARRAY_ALIGNMENT !== 0)
    throw damaged(file, 'Its description does not fit into the file.');
  const digest = new ContentHash().update(bytes.subarray(CHECKPOINT_HEAD_BYTES)).digest();
  const stated = new TextDecoder('utf-8').decode(bytes.subarray(16, CHECKPOINT_HEAD_BYTES));
  if (digest !== stated) throw damaged(file, 'Its bytes are not those that were written.');
  const description = parseDescription(bytes.subarray(CHECKPOINT_HEAD_BYTES, start), file);
  const arrays = takeArrays(bytes, start, description.arrays, file);
  return { version, fields: new CheckpointFields(description.checkpoint, '', arrays, file) };
}

/**
 * The inverse of `encodeCheckpoint`. The arrays are views of `bytes`, nothing large is copied unless `bytes` starts at an odd place.
 *
 * @param file for messages
 * @throws ImportError 'malformed' for bytes that are damaged or no checkpoint, 'unsupported' for a newer format
 */
export function decodeCheckpoint(bytes: Uint8Array, file = 'checkpoint'): Checkpoint {
  const { version, fields } = openEnvelope(bytes.byteOffset % ARRAY_ALIGNMENT === 0 ? bytes : bytes.slice(), file);
  // The digest does not cover the version: its fields do.
  const hasRefinement = version >= REFINEMENT_SINCE;
  if (hasRefinement !== fields.names().includes('refinement'))
    throw damaged(file, `Its description is not one of version ${version}.`);
  const scene = readScene(fields.object('scene'));
  return {
    fingerprint: readFingerprint(fields.object('fingerprint')),
    iterations: fields.whole('iterations', 0, MAX_ITERATIONS),
    maxSplats: fields.whole('maxSplats', 0, MAX_COUNT),
    sceneUnit: fields.number('sceneUnit', 0, Number.MAX_VALUE),
    motion: fields.choice('motion', MOTIONS),
    loop: readLoop(fields.object('loop')),
    scene,
    decoder: fields.isNull('decoder') ? null : readDecoder(fields.object('decoder'), scene.splats.count),
    guides: fields.list('guides').map(readGuides),
    initialGaussianCount: fields.whole('initialGaussianCount', 0, MAX_COUNT),
    viewReports: fields.list('viewReports').map(readViewReport),
    refinement: !hasRefinement || fields.isNull('refinement') ? null : readRefinement(fields.object('refinement')),
  };
}
