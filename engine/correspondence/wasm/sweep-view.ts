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

interface StripRows {
  readonly begin: number;
  readonly end: number;
}

/** Sweeps all strips of a view. Throws the signal's reason when aborted. */
export async function sweepView(
  runtime: WasmRuntime,
  task: SweepTask,
  settings: StereoSettings,
  context: StageContext,
): Promise<SweepResult> {
  const { width, height, bands } = task;
  const strips = splitIntoStrips(bands, settings.maxCells);
  const rowCells = cellsPerTileRow(bands);
  const cellsOf = (rows: StripRows): number => rowCells.subarray(rows.begin, rows.end).reduce((a, b) => a + b, 0);
  const padded = strips.map((rows) => padStrip(rows, bands.tilesY, strips.length));
  const maxCells = Math.max(...padded.map(cellsOf));
  const blocks: number[] = [];
  const keep = (pointer: number): number => (blocks.push(pointer), pointer);
  try {
    const record = keep(runtime.allocate(STRIP_BYTES));
    const tileFirst = keep(runtime.upload(bands.first));
    const tilePlanes = keep(runtime.upload(bands.planes));
    const tileCells = keep(runtime.allocate(bands.first.length * 4));
    const inverseDepth = keep(runtime.allocate(width * height * 4));
    const winnerCost = keep(runtime.allocate(width * height * 4));
    const costs = keep(runtime.allocate(maxCells));
    const sums = keep(runtime.allocate(maxCells * 2));
    for (let i = 0; i < strips.length; i++) {
      const own = strips[i] as StripRows;
      const rows = padded[i] as StripRows;
      runtime.uint32(tileCells, bands.first.length).set(cellOffsets(bands, rows));
      writeStripRecord(
        runtime,
        record,
        {
          ...task,
          tilesX: bands.tilesX,
          tileRowBegin: rows.begin,
          tileRowEnd: rows.end,
          writeRowBegin: own.begin * TILE_SIZE,
          writeRowEnd: Math.min(height, own.end * TILE_SIZE),
          tileFirst,
          tilePlanes,
          tileCells,
          maxPlanes: bands.planes.reduce((a, b) => Math.max(a, b), 0),
          costs,
          sums,
          inverseDepth,
          winnerCost,
        },
        settings,
      );
      runtime.kernel('stereoSweepStrip')(record);
      await yieldToHost(context.signal);
      runtime.kernel('stereoAggregateStrip')(record);
      await yieldToHost(context.signal);
    }
    return {
      inverseDepth: runtime.downloadFloat32(inverseDepth, width * height),
      cost: runtime.downloadFloat32(winnerCost, width * height),
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

/** Cuts the tile rows into strips of at most `maxCells` cells (at least one tile row each), overlap not counted. */
function splitIntoStrips(bands: TileBands, maxCells: number): StripRows[] {
  const cells = cellsPerTileRow(bands);
  const strips: StripRows[] = [];
  let begin = 0;
  let sum = 0;
  for (let row = 0; row < bands.tilesY; row++) {
    if (row > begin && sum + (cells[row] as number) > maxCells) {
      strips.push({ begin, end: row });
      begin = row;
      sum = 0;
    }
    sum += cells[row] as number;
  }
  strips.push({ begin, end: bands.tilesY });
  return strips;
}

function padStrip(rows: StripRows, tileRows: number, strips: number): StripRows {
  if (strips === 1) return rows;
  return {
    begin: Math.max(0, rows.begin - OVERLAP_TILE_ROWS),
    end: Math.min(tileRows, rows.end + OVERLAP_TILE_ROWS),
  };
}

function cellOffsets(bands: TileBands, rows: StripRows): Uint32Array {
  const offsets = new Uint32Array(bands.first.length);
  let at = 0;
  for (let tile = rows.begin * bands.tilesX; tile < rows.end * bands.tilesX; tile++) {
    offsets[tile] = at;
    at += (bands.planes[tile] as number) * TILE_SIZE * TILE_SIZE;
  }
  return offsets;
}
