/** Packed pyramids of the photos in WASM memory, the least recently used released first. */
import type { View } from '../../scene/view.js';
import type { WasmRuntime } from '../../wasm/wasm-runtime.js';
import { halveIntrinsics } from '../plane-geometry.js';

/** Kernels read a little beyond a picture's first and last row. */
const PADDING_BYTES = 128;

interface Pyramid {
  /** Pointers to the pictures by level. */
  readonly levels: number[];
  readonly blocks: number[];
  readonly bytes: number;
}

export class ImageCache {
  private readonly pyramids = new Map<number, Pyramid>();
  private bytes = 0;

  constructor(
    private readonly runtime: WasmRuntime,
    private readonly views: readonly View[],
    private readonly levels: number,
    private readonly budgetBytes: number,
  ) {}

  /** Makes the pictures of `wanted` resident, releasing others when the budget asks for it. */
  hold(wanted: readonly number[]): void {
    for (const index of wanted) {
      const held = this.pyramids.get(index);
      if (held !== undefined) {
        this.pyramids.delete(index);
        this.pyramids.set(index, held);
      }
    }
    for (const index of wanted) {
      if (this.pyramids.has(index)) continue;
      for (const [oldest] of this.pyramids) {
        if (this.bytes < this.budgetBytes) break;
        if (!wanted.includes(oldest)) this.release(oldest);
      }
      this.pack(index);
    }
  }

  /** Pointer to a held picture. */
  pointer(index: number, level: number): number {
    const pointer = this.pyramids.get(index)?.levels[level];
    if (pointer === undefined) throw new Error(`picture ${index}, level ${level} is not held`);
    return pointer;
  }

  /** Releases everything that is held. */
  dispose(): void {
    for (const index of [...this.pyramids.keys()]) this.release(index);
  }

  private release(index: number): void {
    const pyramid = this.pyramids.get(index);
    if (pyramid === undefined) return;
    pyramid.blocks.forEach((block) => this.runtime.release(block));
    this.bytes -= pyramid.bytes;
    this.pyramids.delete(index);
  }

  private pack(index: number): void {
    const view = this.views[index] as View;
    const { runtime } = this;
    const pyramid: Pyramid = { levels: [], blocks: [], bytes: view.image.width * view.image.height * 4 };
    this.pyramids.set(index, pyramid);
    this.bytes += pyramid.bytes;
    for (let level = 0; level < this.levels; level++) {
      const { width, height } = halveIntrinsics(view.camera.intrinsics, level);
      const block = runtime.allocate(width * height * 4 + 2 * PADDING_BYTES);
      pyramid.blocks.push(block);
      pyramid.levels.push(block + PADDING_BYTES);
    }
    const { width, height } = view.image;
    const rgb = runtime.upload(view.image.data);
    const mask = view.mask === null ? 0 : runtime.upload(view.mask);
    runtime.kernel('stereoPackImage')(rgb, mask, width, height, pyramid.levels[0] as number);
    runtime.release(rgb);
    if (mask !== 0) runtime.release(mask);
    for (let level = 1; level < this.levels; level++) {
      const finer = halveIntrinsics(view.camera.intrinsics, level - 1);
      const [from, to] = [pyramid.levels[level - 1] as number, pyramid.levels[level] as number];
      runtime.kernel('stereoHalveImage')(from, finer.width, finer.height, to);
    }
  }
}
