/** A checkpoint as one block of bytes. */
import { ContentHash } from '../math/content-hash.js';
import type { StateArray } from '../splatting/contract.js';
import type { Checkpoint } from './checkpoint.js';

/** "VCP1" in little-endian order. */
export const CHECKPOINT_MAGIC = 0x31504356;
/** Grows when the meaning of anything inside changes; older readers refuse newer files. 1: without `refinement`. */
export const CHECKPOINT_VERSION = 2;
/** Magic, version, length of the description, zero, and the digest of all that follows (16 characters). */
export const CHECKPOINT_HEAD_BYTES = 32;
/** Every array starts at a multiple of this. */
export const ARRAY_ALIGNMENT = 8;

/** Types of arrays by the name that the description gives them. */
export const ARRAY_TYPES = {
  f32: Float32Array,
  f64: Float64Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
} as const;
export type ArrayTypeName = keyof typeof ARRAY_TYPES;

/** Stands for an array in the description: its place in the description's list of arrays. */
export interface ArrayReference {
  readonly array: number;
}

/** The JSON in front of the arrays. */
export interface CheckpointDescription {
  /** The checkpoint with every array replaced by an {@link ArrayReference}. */
  readonly checkpoint: unknown;
  /** Type and length of each array, in the order in which they follow. */
  readonly arrays: readonly (readonly [ArrayTypeName, number])[];
}

/** The least multiple of ARRAY_ALIGNMENT that holds so many bytes: where the next array of a checkpoint starts. */
export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ARRAY_ALIGNMENT) * ARRAY_ALIGNMENT;
}

function typeNameOf(array: StateArray): ArrayTypeName {
  const names = Object.keys(ARRAY_TYPES) as ArrayTypeName[];
  return names.find((name) => array instanceof ARRAY_TYPES[name]) as ArrayTypeName;
}

/**
 * Little-endian: u32 magic "VCP1", u32 version, u32 bytes of the description, u32 zero, 16 characters of the digest of everything
 * after them; the description (JSON, UTF-8, padded with spaces to a multiple of 8 bytes); the arrays, each padded with zeros to a
 * multiple of 8 bytes.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const arrays: StateArray[] = [];
  const json = JSON.stringify(checkpoint, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    arrays.push(value as StateArray);
    return { array: arrays.length - 1 } satisfies ArrayReference;
  });
  const table = JSON.stringify(arrays.map((array) => [typeNameOf(array), array.length]));
  const text = new TextEncoder().encode(`{"checkpoint":${json},"arrays":${table}}`);
  const descriptionBytes = alignUp(text.length);
  const start = CHECKPOINT_HEAD_BYTES + descriptionBytes;
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + alignUp(array.byteLength), start));
  bytes.fill(0x20, CHECKPOINT_HEAD_BYTES, start).set(text, CHECKPOINT_HEAD_BYTES);
  let at = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += alignUp(array.byteLength);
  }
  new Uint32Array(bytes.buffer, 0, 4).set([CHECKPOINT_MAGIC, CHECKPOINT_VERSION, descriptionBytes, 0]);
  const digest = new ContentHash().update(bytes.subarray(CHECKPOINT_HEAD_BYTES)).digest();
  bytes.set(new TextEncoder().encode(digest), 16);
  return bytes;
}
