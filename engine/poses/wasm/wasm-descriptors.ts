/** Compares descriptors on the WASM core: SIMD and all its threads. */
import type { Descriptors } from '../../scene/image-features.js';
import type { WasmRuntime } from '../../wasm/wasm-runtime.js';
import { countDescriptors } from '../descriptor-distances.js';
import type { CompareDescriptors, NearestBothWays } from '../nearest-descriptors.js';
import { compareDescriptors, KEPT, NearestCandidates } from '../nearest-descriptors.js';

/** The kernel reads 16 bytes at once, and of the second photo eight descriptors. */
const BLOCK_BYTES = 16;
const COLUMNS_AT_ONCE = 8;
/** A byte counts the differing bits of so many blocks. */
const MAX_BINARY_BYTES = 30 * BLOCK_BYTES;

/** Descriptors in the core's memory, each filled up to whole blocks with zeros. */
class PackedDescriptors {
  readonly count: number;
  readonly bytesEach: number;
  readonly pointer: number;

  constructor(
    private readonly runtime: WasmRuntime,
    descriptors: Descriptors,
  ) {
    this.count = countDescriptors(descriptors);
    const { data } = descriptors;
    const from = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const used = this.count === 0 ? 0 : from.length / this.count;
    this.bytesEach = Math.max(1, Math.ceil(used / BLOCK_BYTES)) * BLOCK_BYTES;
    const padded = Math.ceil(this.count / COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE;
    this.pointer = runtime.allocate(Math.max(1, padded) * this.bytesEach);
    const to = runtime.uint8(this.pointer, padded * this.bytesEach).fill(0);
    for (let i = 0; i < this.count; i++) to.set(from.subarray(i * used, (i + 1) * used), i * this.bytesEach);
  }

  release(): void {
    this.runtime.release(this.pointer);
  }
}

/** What the kernel writes for one photo's keypoints. */
class NearestRecord {
  private readonly distances: number;
  private readonly indices: number;

  constructor(
    private readonly runtime: WasmRuntime,
    private readonly count: number,
  ) {
    this.distances = runtime.allocate(Math.max(1, count) * KEPT * 4);
    this.indices = runtime.allocate(Math.max(1, count) * KEPT * 4);
    runtime.float32(this.distances, count * KEPT).fill(Infinity);
    runtime.int32(this.indices, count * KEPT).fill(-1);
  }

  get pointers(): readonly [number, number] {
    return [this.distances, this.indices];
  }

  read(): NearestCandidates {
    const nearest = new NearestCandidates(this.count);
    nearest.distances.set(this.runtime.float32(this.distances, this.count * KEPT));
    nearest.indices.set(this.runtime.int32(this.indices, this.count * KEPT));
    for (let i = 0; i < this.count; i++) nearest.limits[i] = nearest.distances[(i + 1) * KEPT - 1]!;
    return nearest;
  }

  release(): void {
    this.runtime.release(this.distances);
    this.runtime.release(this.indices);
  }
}

function compareOnCore(runtime: WasmRuntime, first: Descriptors, second: Descriptors): NearestBothWays {
  const held: { release(): void }[] = [];
  const hold = <T extends { release(): void }>(what: T): T => {
    held.push(what);
    return what;
  };
  try {
    const a = hold(new PackedDescriptors(runtime, first));
    const b = hold(new PackedDescriptors(runtime, second));
    const rows = hold(new NearestRecord(runtime, a.count));
    const columns = hold(new NearestRecord(runtime, b.count));
    const kernel = runtime.kernel(first.kind === 'binary' ? 'posesCompareBits' : 'posesCompareVectors');
    kernel(a.pointer, a.count, b.pointer, b.count, a.bytesEach, ...rows.pointers, ...columns.pointers);
    return { rows: rows.read(), columns: columns.read() };
  } finally {
    held.forEach((what) => what.release());
  }
}

/**
 * {@link compareDescriptors} on the given core; distances of vectors are summed in float32. Descriptors that it has no kernel for are compared
 * the plain way. Throws what that throws, and MemoryLimitError when the core's memory does not suffice.
 */
export function createWasmComparison(runtime: WasmRuntime): CompareDescriptors {
  return (first, second) => {
    const fits =
      first.kind === 'binary'
        ? second.kind === 'binary' && first.bytesEach === second.bytesEach && first.bytesEach <= MAX_BINARY_BYTES
        : second.kind === 'float' && first.length === second.length;
    return fits ? compareOnCore(runtime, first, second) : compareDescriptors(first, second);
  };
}
