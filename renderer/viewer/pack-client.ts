/** The window's end of `pack-worker.ts`: hands a scene over in pieces, so that neither copying it nor packing it holds up a frame. */
import type { Splats } from '../../engine/scene/splats.js';
import type { PackedSplats } from './splat-packing.js';
import { allocatePacked, copyPacked, packChunk, sliceSplats } from './splat-packing.js';

/** 32k records with three degrees of harmonics are 7.5 MiB: a few milliseconds of copying. */
const CHUNK = 32_768;

interface Answer {
  readonly id: number;
  readonly packed: PackedSplats;
}

export class SplatPacker {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, (packed: PackedSplats | null) => void>();
  private nextId = 0;

  /** Packs; null as soon as `isStale` says that a newer scene has come. */
  async pack(splats: Splats, isStale: () => boolean): Promise<PackedSplats | null> {
    const whole = allocatePacked(splats.count, splats.shDegree);
    for (let first = 0; first < splats.count; first += CHUNK) {
      const count = Math.min(CHUNK, splats.count - first);
      const packed = await this.packPart(splats, first, count);
      if (isStale()) return null;
      copyPacked(packed, whole, first);
    }
    return whole;
  }

  dispose(): void {
    this.worker?.terminate();
    this.worker = null;
    this.abandon();
  }

  private async packPart(splats: Splats, first: number, count: number): Promise<PackedSplats> {
    const chunk = sliceSplats(splats, first, count);
    const worker = this.start();
    const buffers = [chunk.means, chunk.quats, chunk.logScales, chunk.rawOpacities, chunk.shCoeffs];
    const id = this.nextId++;
    const answer = await new Promise<PackedSplats | null>((resolve) => {
      this.waiting.set(id, resolve);
      worker.postMessage(
        { id, chunk },
        buffers.map(({ buffer }) => buffer as ArrayBuffer),
      );
    });
    // A worker that could not be started is no reason to show nothing: the same work is done here, with a stutter.
    return answer ?? packChunk(sliceSplats(splats, first, count));
  }

  private start(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL('./pack-worker.ts', import.meta.url), { type: 'module', name: 'pack-splats' });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.waiting.get(data.id)?.(data.packed);
      this.waiting.delete(data.id);
    };
    worker.onerror = () => {
      this.abandon();
    };
    this.worker = worker;
    return worker;
  }

  private abandon(): void {
    for (const resolve of this.waiting.values()) resolve(null);
    this.waiting.clear();
  }
}
