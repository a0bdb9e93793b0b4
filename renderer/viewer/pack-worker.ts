/** Packs chunks of splats away from the window's thread. */
import type { SplatChunk } from './splat-packing.js';
import { packChunk } from './splat-packing.js';

interface Scope {
  onmessage: ((event: MessageEvent<{ readonly id: number; readonly chunk: SplatChunk }>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const scope = self as unknown as Scope;
scope.onmessage = ({ data }) => {
  const packed = packChunk(data.chunk);
  scope.postMessage({ id: data.id, packed }, [
    packed.a.buffer,
    packed.b.buffer,
    ...packed.sh.map(({ buffer }) => buffer),
  ]);
};
