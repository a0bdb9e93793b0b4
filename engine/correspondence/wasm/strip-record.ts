/** The record that one kernel call reads: TypeScript's twin of `struct Strip` in stereo.h, word by word. */
import type { WasmRuntime } from '../../wasm/wasm-runtime.js';
import type { PixelTransfer, PlaneSet } from '../plane-geometry.js';
import type { StereoSettings } from './stereo-settings.js';

export interface PackedSource {
  readonly pixels: number;
  readonly width: number;
  readonly height: number;
  readonly transfer: PixelTransfer;
}

export interface StripRecord {
  readonly reference: number;
  readonly width: number;
  readonly height: number;
  readonly planes: PlaneSet;
  readonly tilesX: number;
  readonly tileRowBegin: number;
  readonly tileRowEnd: number;
  readonly writeRowBegin: number;
  readonly writeRowEnd: number;
  readonly tileFirst: number;
  readonly tilePlanes: number;
  readonly tileCells: number;
  readonly maxPlanes: number;
  readonly costs: number;
  readonly sums: number;
  readonly inverseDepth: number;
  readonly winnerCost: number;
  readonly sources: readonly PackedSource[];
}

export const MAX_SOURCES = 4;
const SOURCE_WORDS = 15;
const HEAD_WORDS = 28;
export const STRIP_BYTES = (HEAD_WORDS + MAX_SOURCES * SOURCE_WORDS) * 4;

/** Fills the record at `pointer`. */
export function writeStripRecord(
  runtime: WasmRuntime,
  pointer: number,
  strip: StripRecord,
  settings: StereoSettings,
): void {
  const ints = runtime.uint32(pointer, STRIP_BYTES / 4);
  const floats = runtime.float32(pointer, STRIP_BYTES / 4);
  let at = 0;
  const int = (value: number): void => void (ints[at++] = value);
  const float = (value: number): void => void (floats[at++] = value);
  [strip.reference, strip.width, strip.height, strip.sources.length].forEach(int);
  [strip.planes.first, strip.planes.step].forEach(float);
  [strip.tilesX, strip.tileRowBegin, strip.tileRowEnd, strip.writeRowBegin, strip.writeRowEnd].forEach(int);
  [strip.tileFirst, strip.tilePlanes, strip.tileCells, strip.maxPlanes].forEach(int);
  [strip.costs, strip.sums, strip.inverseDepth, strip.winnerCost, settings.pathCount].forEach(int);
  [settings.smallPenalty, settings.largePenalty, settings.edgeScale].forEach(float);
  [settings.colorWeight, settings.colorTruncation, settings.textureFloor, settings.unseenCost].forEach(float);
  for (const source of strip.sources) {
    [source.pixels, source.width, source.height].forEach(int);
    source.transfer.a.forEach(float);
    source.transfer.b.forEach(float);
  }
}

export const PAIR_BYTES = (24 + 6) * 4;

export interface PairRecord {
  /** From the first view's pixels to the second's, and back. */
  readonly there: PixelTransfer;
  readonly back: PixelTransfer;
  /** Width and height of the first view, then of the second. */
  readonly sizes: readonly [number, number, number, number];
  readonly maxPx: number;
  readonly maxRelativeDepth: number;
}

/** Fills cross-check.cpp's `PairGeometry` at `pointer`. */
export function writePairRecord(runtime: WasmRuntime, pointer: number, pair: PairRecord): void {
  const floats = runtime.float32(pointer, PAIR_BYTES / 4);
  floats.set([...pair.there.a, ...pair.there.b, ...pair.back.a, ...pair.back.b]);
  runtime.int32(pointer, PAIR_BYTES / 4).set(pair.sizes, 24);
  floats[28] = pair.maxPx;
  floats[29] = pair.maxRelativeDepth;
}
