/** What of a binary glTF is needed to get numbers out of it. Its JSON is a stranger's: every field is looked at before it is used. */
import { ImportError } from '../scene/errors.js';

export interface GltfPrimitive {
  /** Accessor index of each semantic. */
  readonly attributes: Readonly<Record<string, number>>;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

export interface GltfNode {
  readonly mesh?: number | undefined;
  readonly children?: readonly number[] | undefined;
  /** 16, 4, 3 and 3 numbers. */
  readonly matrix?: readonly number[] | undefined;
  readonly rotation?: readonly number[] | undefined;
  readonly scale?: readonly number[] | undefined;
  readonly translation?: readonly number[] | undefined;
}

interface GltfAccessor {
  readonly view: number;
  readonly byteOffset: number;
  readonly componentType: number;
  readonly normalized: boolean;
  readonly count: number;
  readonly type: string;
}

interface GltfBufferView {
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly byteStride: number | null;
}

export interface GltfContainer {
  readonly file: string;
  readonly extensionsUsed: readonly string[];
  readonly nodes: readonly GltfNode[];
  readonly meshes: readonly { readonly primitives: readonly GltfPrimitive[] }[];
  /** Nodes of the scene that is shown. */
  readonly roots: readonly number[];
  readonly accessors: readonly (GltfAccessor | null)[];
  readonly views: readonly (GltfBufferView | null)[];
  readonly binary: Uint8Array;
}

const JSON_CHUNK = 0x4e4f534a;
const BINARY_CHUNK = 0x004e4942;
const GLB_MAGIC = 0x46546c67;
const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** Nodes and accessors of a splat file are a few dozen; JSON of this size is no such file. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

const WIDTH_OF_TYPE: Readonly<Record<string, number>> = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 };

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): (Json | null)[] =>
  Array.isArray(value) ? value.map((item: unknown) => (isObject(item) ? item : null)) : [];
const whole = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
function numbers(value: unknown, length: number): number[] | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined;
  return value.every((item) => typeof item === 'number' && Number.isFinite(item)) ? (value as number[]) : undefined;
}

function problem(
  code: 'malformed' | 'truncated' | 'unsupported',
  text: string,
  file: string,
  where: string,
): ImportError {
  return new ImportError(code, text, file, where, 'Export the file again as a single .glb.');
}

function splitChunks(bytes: Uint8Array, file: string): { json: string; binary: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== GLB_MAGIC || view.getUint32(4, true) !== 2)
    throw problem('malformed', 'This is no binary glTF of version 2.', file, 'header');
  let json: string | null = null;
  let binary: Uint8Array = new Uint8Array(0);
  for (let at = HEADER_BYTES; at + CHUNK_HEADER_BYTES <= bytes.length;) {
    const [length, type] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    at += CHUNK_HEADER_BYTES;
    if (length > bytes.length - at) throw problem('truncated', 'The file ends within a chunk.', file, `byte ${at}`);
    const chunk = bytes.subarray(at, at + length);
    if (type === JSON_CHUNK && json === null) {
      if (length > MAX_JSON_BYTES) throw problem('unsupported', 'Its description is too large.', file, 'JSON');
      json = new TextDecoder().decode(chunk);
    } else if (type === BINARY_CHUNK && binary.length === 0) binary = chunk;
    at += length;
  }
  if (json === null) throw problem('truncated', 'There is no JSON chunk.', file, '');
  return { json, binary };
}

function nodeOf(value: Json | null): GltfNode {
  const children = Array.isArray(value?.['children']) ? value['children'].map(whole) : [];
  return {
    mesh: whole(value?.['mesh']),
    children: children.filter((child) => child !== undefined),
    matrix: numbers(value?.['matrix'], 16),
    rotation: numbers(value?.['rotation'], 4),
    scale: numbers(value?.['scale'], 3),
    translation: numbers(value?.['translation'], 3),
  };
}

function primitiveOf(value: Json | null): GltfPrimitive {
  const attributes: Record<string, number> = {};
  if (isObject(value?.['attributes']))
    for (const [name, index] of Object.entries(value['attributes'])) {
      const accessor = whole(index);
      if (accessor !== undefined) attributes[name] = accessor;
    }
  return { attributes, extensions: isObject(value?.['extensions']) ? value['extensions'] : undefined };
}

function accessorOf(value: Json | null): GltfAccessor | null {
  const [view, count] = [whole(value?.['bufferView']), whole(value?.['count'])];
  if (value === null || view === undefined || count === undefined || 'sparse' in value) return null;
  return {
    view,
    count,
    byteOffset: whole(value['byteOffset']) ?? 0,
    componentType: whole(value['componentType']) ?? 0,
    normalized: value['normalized'] === true,
    type: String(value['type']),
  };
}

function viewOf(value: Json | null): GltfBufferView | null {
  const byteLength = whole(value?.['byteLength']);
  // Buffer 0 is the file's own binary chunk; others are files beside it.
  if (byteLength === undefined || value?.['buffer'] !== 0) return null;
  const byteStride = whole(value['byteStride']) ?? null;
  return { byteLength, byteOffset: whole(value['byteOffset']) ?? 0, byteStride };
}

/**
 * Takes a `.glb` apart. Indices are not yet held against each other; {@link readGltfAccessor} does so.
 *
 * @throws ImportError 'malformed', 'truncated' or 'unsupported'.
 * Source: glTF 2.0, section 4.4, "GLB File Format".
 */
export function openGlb(bytes: Uint8Array, file: string): GltfContainer {
  const { json, binary } = splitChunks(bytes, file);
  let root: unknown;
  try {
    root = JSON.parse(json);
  } catch {
    throw problem('malformed', 'Its description is no JSON.', file, 'JSON');
  }
  if (!isObject(root)) throw problem('malformed', 'Its description is no object.', file, 'JSON');
  const scene = objects(root['scenes'])[whole(root['scene']) ?? 0];
  const nodes = objects(root['nodes']).map(nodeOf);
  const roots = Array.isArray(scene?.['nodes']) ? scene['nodes'].map(whole) : nodes.map((_, index) => index);
  const used = Array.isArray(root['extensionsUsed']) ? (root['extensionsUsed'] as unknown[]) : [];
  return {
    file,
    extensionsUsed: used.filter((name) => typeof name === 'string'),
    nodes,
    meshes: objects(root['meshes']).map((mesh) => ({ primitives: objects(mesh?.['primitives']).map(primitiveOf) })),
    roots: roots.filter((index) => index !== undefined),
    accessors: objects(root['accessors']).map(accessorOf),
    views: objects(root['bufferViews']).map(viewOf),
    binary,
  };
}

type ComponentReader = (view: DataView, at: number) => number;
/** Bytes, reader and the divisor of normalised integers. */
const COMPONENTS: ReadonlyMap<number, { bytes: number; read: ComponentReader; divisor: number }> = new Map([
  [5120, { bytes: 1, read: (view, at) => view.getInt8(at), divisor: 127 }],
  [5121, { bytes: 1, read: (view, at) => view.getUint8(at), divisor: 255 }],
  [5122, { bytes: 2, read: (view, at) => view.getInt16(at, true), divisor: 32767 }],
  [5123, { bytes: 2, read: (view, at) => view.getUint16(at, true), divisor: 65535 }],
  [5126, { bytes: 4, read: (view, at) => view.getFloat32(at, true), divisor: 1 }],
]);

/**
 * All numbers of an accessor [count, width] as float32; normalised integers become −1..1 or 0..1.
 *
 * @throws ImportError 'truncated' when the data is shorter than stated, checked before any allocation; 'malformed' for indices and types
 * that do not fit; 'unsupported' for sparse accessors and data outside the file.
 */
export function readGltfAccessor(container: GltfContainer, index: number, width: number): Float32Array {
  const { file, binary } = container;
  const where = `accessor ${index}`;
  const accessor = container.accessors[index];
  if (accessor === undefined) throw problem('malformed', 'There is no such accessor.', file, where);
  if (accessor === null)
    throw problem('unsupported', 'Its numbers are stored in a way that cannot be read.', file, where);
  const view = container.views[accessor.view];
  if (view === undefined || view === null)
    throw problem('unsupported', 'Its numbers are not in this file.', file, where);
  const component = COMPONENTS.get(accessor.componentType);
  if (component === undefined || WIDTH_OF_TYPE[accessor.type] !== width)
    throw problem('malformed', `Its type is not what belongs there (${width} numbers a record).`, file, where);
  const stride = view.byteStride ?? component.bytes * width;
  const { count } = accessor;
  const start = view.byteOffset + accessor.byteOffset;
  const needed = count === 0 ? 0 : accessor.byteOffset + (count - 1) * stride + component.bytes * width;
  if (stride < component.bytes * width || needed > view.byteLength || view.byteOffset + view.byteLength > binary.length)
    throw problem('truncated', 'The file is shorter than its description says.', file, where);
  const data = new DataView(binary.buffer, binary.byteOffset, binary.byteLength);
  const divisor = accessor.normalized ? component.divisor : 1;
  const values = new Float32Array(count * width);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < width; k++)
      values[i * width + k] = component.read(data, start + i * stride + k * component.bytes) / divisor;
  return values;
}
