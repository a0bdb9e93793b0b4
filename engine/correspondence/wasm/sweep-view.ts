/** One view at one level: strips of plane sweep and aggregation, so that memory stays bounded and an abort is heard. */
import type { StageContext } from '../../scene/stage.js';
import { yieldToHost } from '../../scene/stage.js';
import type { WasmRuntime } from '../../wasm/wasm-runtime.js';
import type { PlaneSet } from '../plane-geometry.js';
import type { TileBands } from '../tile-bands.js';
import { TILE_SIZE } from '../tile-bands.js';
import type { StereoSettings } from './stereo-settings.js';
import type { PackedSource } from './strip-record.js';
import { STRIP_BYTES, writeStripRecord } from './strip-record.js';

export interface SweepTask {
  readonly reference: number;
  readonly width: number;
  readonly height: number;
  readonly planes: PlaneSet;
  readonly bands: TileBands;
  readonly sources: readonly PackedSource[];
}

export interface SweepResult {
  /** [height, width] 1 / world unit, 0 on masked pixels. */
  readonly inverseDepth: Float32Array;
  /** [height, width] 0..1 */
  readonly cost: Float32Array;
}

/** Tile rows that a strip sees beyond those it decides, above and below: paths need a run-up. */
const OVERLAP_TILE_ROWS = 2;

/** Tile rows [tileRowBegin, tileRowEnd) are computed, pixel rows [writeRowBegin, writeRowEnd) decided. */
interface StripRows {
  readonly tileRowBegin: number;
  readonly tileRowEnd: number;
  readonly writeRowBegin: number;
  readonly writeRowEnd: number;
  readonly cells: number;
}

/** Cells that one kernel call works on, about: a tenth of a second on a slow machine. */
const CELLS_PER_CALL = 4_000_000;

/** Pieces of a strip's tile rows for one kernel call each, a tile row for every thread at least. */
function cutTileRows(strip: StripRows, threads: number): Pick<StripRows, 'tileRowBegin' | 'tileRowEnd'>[] {
  const rows = strip.tileRowEnd - strip.tileRowBegin;
  const wanted = (CELLS_PER_CALL * rows) / strip.cells;
  const perCall = Math.max(1, Math.round(wanted / threads)) * threads;
  const pieces = [];
  for (let begin = strip.tileRowBegin; begin < strip.tileRowEnd; begin += perCall)
    pieces.push({ tileRowBegin: begin, tileRowEnd: Math.min(strip.tileRowEnd, begin + perCall) });
  return pieces;
}

/** `AggregationPart` of stereo.h: across, down, up. */
const AGGREGATION_PARTS = [0, 1, 2];

async function aggregateStrip(
  runtime: WasmRuntime,
  record: number,
  strip: StripRows,
  height: number,
  context: StageContext,
): Promise<void> {
  const rows = Math.min(height, strip.tileRowEnd * TILE_SIZE) - strip.tileRowBegin * TILE_SIZE;
  const perCall = Math.max(TILE_SIZE, Math.round((CELLS_PER_CALL * rows) / strip.cells));
  for (const part of AGGREGATION_PARTS)
    for (let begin = 0; begin < rows; begin += perCall) {
      runtime.kernel('stereoAggregateStrip')(record, part, begin, Math.min(rows, begin + perCall));
      await yieldToHost(context);
    }
}

/** Sweeps all strips of a view. Throws the signal's reason when aborted, MemoryLimitError when the core's memory is full. */
export async function sweepView(
  runtime: WasmRuntime,
  task: SweepTask,
  settings: StereoSettings,
  context: StageContext,
): Promise<SweepResult> {
  const { width, height, bands } = task;
  const strips = splitIntoStrips(bands, settings.maxCells);
  const blocks: number[] = [];
  const keep = (pointer: number): number => (blocks.push(pointer), pointer);
  try {
    const record = keep(runtime.allocate(STRIP_BYTES));
    const maxCells = Math.max(...strips.map((strip) => strip.cells));
    const tileCells = keep(runtime.allocate(bands.first.length * 4));
    const held = {
      tileFirst: keep(runtime.upload(bands.first)),
      tilePlanes: keep(runtime.upload(bands.planes)),
      tileCells,
      inverseDepth: keep(runtime.allocate(width * height * 4)),
      winnerCost: keep(runtime.allocate(width * height * 4)),
      costs: keep(runtime.allocate(maxCells)),
      sums: keep(runtime.allocate(maxCells * 2)),
    };
    const shared = { ...task, ...held, tilesX: bands.tilesX, maxPlanes: Math.max(...bands.planes) };
    for (const strip of strips) {
      runtime.uint32(tileCells, bands.first.length).set(cellOffsets(bands, strip));
      for (const rows of cutTileRows(strip, runtime.threads)) {
        writeStripRecord(runtime, record, { ...shared, ...strip, ...rows }, settings);
        runtime.kernel('stereoSweepStrip')(record);
        await yieldToHost(context);
      }
      writeStripRecord(runtime, record, { ...shared, ...strip }, settings);
      await aggregateStrip(runtime, record, strip, height, context);
    }
    return {
      inverseDepth: runtime.downloadFloat32(held.inverseDepth, width * height),
      cost: runtime.downloadFloat32(held.winnerCost, width * height),
    };
  } finally {
    blocks.forEach((block) => runtime.release(block));
  }
}

function cellsPerTileRow(bands: TileBands): Float64Array {
  const cells = new Float64Array(bands.tilesY);
  for (let i = 0; i < bands.planes.length; i++) {
    const row = Math.floor(i / bands.tilesX);
    cells[row] = (cells[row] as number) + (bands.planes[i] as number) * TILE_SIZE * TILE_SIZE;
  }
  return cells;
}

/** Cuts the tile rows into strips that decide at most `maxCells` cells (at least one tile row each), overlap not counted. */
function splitIntoStrips(bands: TileBands, maxCells: number): StripRows[] {
  const cells = cellsPerTileRow(bands);
  const cuts = [0];
  let sum = 0;
  for (let row = 0; row < bands.tilesY; row++) {
    const own = cells[row] as number;
    if (sum > 0 && sum + own > maxCells) {
      cuts.push(row);
      sum = 0;
    }
    sum += own;
  }
  cuts.push(bands.tilesY);
  const overlap = cuts.length > 2 ? OVERLAP_TILE_ROWS : 0;
  return cuts.slice(1).map((end, i) => {
    const begin = cuts[i] as number;
    const tileRowBegin = Math.max(0, begin - overlap);
    const tileRowEnd = Math.min(bands.tilesY, end + overlap);
    return {
      tileRowBegin,
      tileRowEnd,
      writeRowBegin: begin * TILE_SIZE,
      writeRowEnd: end * TILE_SIZE,
      cells: cells.subarray(tileRowBegin, tileRowEnd).reduce((a, b) => a + b, 0),
    };
  });
}

function cellOffsets(bands: TileBands, strip: StripRows): Uint32Array {
  const offsets = new Uint32Array(bands.first.length);
  let at = 0;
  for (let tile = strip.tileRowBegin * bands.tilesX; tile < strip.tileRowEnd * bands.tilesX; tile++) {
    offsets[tile] = at;
    at += (bands.planes[tile] as number) * TILE_SIZE * TILE_SIZE;
  }
  return offsets;
}
