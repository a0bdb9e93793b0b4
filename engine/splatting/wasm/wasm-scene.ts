import { ShapeError } from '../../scene/errors.js';
import type { Splats } from '../../scene/splats.js';
import { assertSplatsShape, shCoefficientCount } from '../../scene/splats.js';
import type { WasmRuntime } from '../../wasm/wasm-runtime.js';
import { MemoryLimitError } from '../../wasm/wasm-runtime.js';
import type { FlowPairs, RayAnchors, SceneEdit, SceneState, StateArray } from '../contract.js';
import { NO_ANCHOR } from '../contract.js';
import { readGridLevels, StateReader } from '../state-arrays.js';
import { BUFFER } from './wasm-layout.js';
import { SAVED_ANCHOR_BUFFERS, SAVED_BUFFERS } from './wasm-scene-state.js';

const NO_GRID = 0xffffffff;
const MAX_GRID_LEVELS = 8;
const MAX_GRID_TABLES = 0xffff * 256;
/** Values, first moments, second moments; the gradients behind them live for one step. */
const SAVED_GRID_SECTIONS = 3;

/** The residual field's shape: a table is one view's segment. */
interface GridShape {
  readonly tables: number;
  readonly levels: RayAnchors['gridLevels'];
}

/** Flow pairs in WASM memory, which the C++ side owns. */
interface UploadedFlow {
  readonly count: number;
  readonly pointers: readonly number[];
}

/** One scene in WASM memory: uploads, downloads and edits. */
export class WasmScene {
  /** Part of rawOpacities that an external decoder set; the C++ side only knows the sum. */
  private opacityResiduals: Float32Array | null = null;
  private grids: GridShape | null = null;
  private flow: UploadedFlow = { count: 0, pointers: [0, 0, 0] };

  private constructor(
    private readonly runtime: WasmRuntime,
    readonly pointer: number,
    private readonly shDegree: number,
  ) {}

  /** Throws ShapeError for arrays that do not fit, MemoryLimitError when the scene does not. */
  static create(runtime: WasmRuntime, splats: Splats, anchors: RayAnchors | null): WasmScene {
    assertSplatsShape(splats);
    const pointer = runtime.kernel('sceneCreate')(splats.count, shCoefficientCount(splats.shDegree)) >>> 0;
    if (pointer === 0) throw new MemoryLimitError(splats.count * 300);
    const scene = new WasmScene(runtime, pointer, splats.shDegree);
    scene.writeSplats(splats, 0);
    if (anchors !== null) scene.setAnchors(anchors);
    return scene;
  }

  /** Throws ShapeError for a state that does not fit, MemoryLimitError when the scene does not. */
  static restore(runtime: WasmRuntime, state: SceneState): WasmScene {
    const reader = new StateReader(state, 'wasm');
    const scene = WasmScene.create(runtime, state.splats, null);
    try {
      scene.restoreBuffers(reader, SAVED_BUFFERS);
      if (reader.has('anchorGrid')) scene.restoreAnchors(reader);
      if (reader.has('residualOpacities'))
        scene.opacityResiduals = reader.take('residualOpacities', Float32Array, scene.count).slice();
      if (reader.has('flow.first'))
        scene.setFlowPairs({
          first: reader.take('flow.first', Uint32Array),
          second: reader.take('flow.second', Uint32Array),
          weights: reader.take('flow.weights', Float32Array),
        });
      return scene;
    } catch (error) {
      scene.release();
      throw error;
    }
  }

  get count(): number {
    return this.runtime.kernel('sceneCount')(this.pointer);
  }

  /** A copy of one buffer, rows of 32-bit floats. */
  download(buffer: number): Float32Array {
    return new Float32Array(this.view(buffer));
  }

  readSplats(): Splats {
    return {
      count: this.count,
      shDegree: this.shDegree,
      means: this.download(BUFFER.means),
      quats: this.download(BUFFER.quats),
      logScales: this.download(BUFFER.logScales),
      rawOpacities: this.download(BUFFER.rawOpacities),
      shCoeffs: this.download(BUFFER.shCoeffs),
    };
  }

  setFlowPairs(pairs: FlowPairs | null): void {
    const length = pairs?.first.length ?? 0;
    if (pairs !== null && (pairs.second.length !== length || pairs.weights.length !== length))
      throw new ShapeError('flow pairs of unequal lengths');
    const count = this.count;
    if (pairs !== null && [pairs.first, pairs.second].some((indices) => indices.some((index) => index >= count)))
      throw new ShapeError(`flow pairs name a Gaussian beyond the scene's ${count}`);
    const pointers =
      pairs === null ? [0, 0, 0] : [pairs.first, pairs.second, pairs.weights].map((a) => this.runtime.upload(a));
    this.runtime.kernel('sceneSetFlow')(this.pointer, length, ...pointers);
    this.flow = { count: length, pointers };
  }

  /** Everything that later steps depend on, copied. */
  save(): SceneState {
    const arrays: Record<string, StateArray> = {};
    const put = (buffers: Readonly<Record<string, number>>): void => {
      for (const [name, buffer] of Object.entries(buffers)) arrays[name] = this.download(buffer);
    };
    put(SAVED_BUFFERS);
    if (this.grids !== null) {
      put(SAVED_ANCHOR_BUFFERS);
      arrays['anchorGrid'] = this.anchorGrid().slice();
      arrays['gridTables'] = Uint32Array.of(this.grids.tables);
      arrays['gridSizes'] = Uint32Array.from(this.grids.levels.flatMap(({ columns, rows }) => [columns, rows]));
      arrays['gridValues'] = this.gridValues().slice();
    }
    if (this.opacityResiduals !== null) arrays['residualOpacities'] = this.opacityResiduals.slice();
    if (this.flow.count > 0) {
      const [first, second, weights] = this.flow.pointers as [number, number, number];
      arrays['flow.first'] = this.runtime.uint32(first, this.flow.count).slice();
      arrays['flow.second'] = this.runtime.uint32(second, this.flow.count).slice();
      arrays['flow.weights'] = this.runtime.downloadFloat32(weights, this.flow.count);
    }
    return { backend: 'wasm', splats: this.readSplats(), arrays };
  }

  setRayResiduals(ownDepth: Float32Array, rawOpacities: Float32Array): void {
    if (ownDepth.length !== this.count || rawOpacities.length !== this.count)
      throw new ShapeError('ray residuals: one number per Gaussian is expected');
    this.view(BUFFER.ownDepth).set(ownDepth);
    const sums = this.view(BUFFER.rawOpacities);
    const previous = this.opacityResiduals;
    for (let i = 0; i < sums.length; i++)
      sums[i] = sums[i]! + rawOpacities[i]! - (previous === null ? 0 : previous[i]!);
    this.opacityResiduals = new Float32Array(rawOpacities);
    this.runtime.kernel('sceneApplyRayDepths')(this.pointer);
  }

  edit(edit: SceneEdit): void {
    const count = this.count;
    for (const index of edit.keep) if (index >= count) throw new ShapeError(`no Gaussian ${index} to keep`);
    const appended = edit.append?.count ?? 0;
    if (edit.append !== null) {
      assertSplatsShape(edit.append);
      if (edit.append.shDegree !== this.shDegree) throw new ShapeError('appended splats have another SH degree');
    }
    const keep = this.runtime.upload(edit.keep);
    const succeeded = this.runtime.kernel('sceneEdit')(this.pointer, edit.keep.length, keep, appended);
    this.runtime.release(keep);
    if (succeeded === 0) throw new MemoryLimitError((edit.keep.length + appended) * 300);
    this.flow = { count: 0, pointers: [0, 0, 0] };
    if (edit.append !== null) this.writeSplats(edit.append, edit.keep.length);
    const residuals = this.opacityResiduals;
    if (residuals !== null) {
      this.opacityResiduals = new Float32Array(edit.keep.length + appended);
      this.opacityResiduals.set(Float32Array.from(edit.keep, (index) => residuals[index]!));
    }
  }

  release(): void {
    this.runtime.kernel('sceneRelease')(this.pointer);
  }

  private view(buffer: number): Float32Array {
    const width = this.runtime.kernel('sceneBufferWidth')(this.pointer, buffer);
    const at = this.runtime.kernel('sceneBuffer')(this.pointer, buffer) >>> 0;
    return this.runtime.float32(at, this.count * width);
  }

  /** View × segment of each Gaussian, or NO_GRID; valid until memory grows. */
  private anchorGrid(): Uint32Array {
    return this.runtime.uint32(this.runtime.kernel('sceneBuffer')(this.pointer, BUFFER.anchorGrid) >>> 0, this.count);
  }

  private gridValues(): Float32Array {
    const { tables, levels } = this.grids as GridShape;
    const stride = levels.reduce((sum, { columns, rows }) => sum + columns * rows, 0);
    const at = this.runtime.kernel('sceneGridValues')(this.pointer) >>> 0;
    return this.runtime.float32(at, SAVED_GRID_SECTIONS * tables * stride);
  }

  private setGrids(grids: GridShape): void {
    if (grids.levels.length > MAX_GRID_LEVELS) throw new ShapeError(`at most ${MAX_GRID_LEVELS} grid levels`);
    const levels = this.runtime.upload(Int32Array.from(grids.levels.flatMap(({ columns, rows }) => [columns, rows])));
    const succeeded = this.runtime.kernel('sceneSetGrids')(this.pointer, grids.tables, grids.levels.length, levels);
    this.runtime.release(levels);
    if (succeeded === 0) throw new MemoryLimitError(grids.tables * 4096);
    this.grids = grids;
  }

  private restoreBuffers(reader: StateReader, buffers: Readonly<Record<string, number>>): void {
    for (const [name, buffer] of Object.entries(buffers)) {
      const target = this.view(buffer);
      target.set(reader.take(name, Float32Array, target.length));
    }
  }

  private restoreAnchors(reader: StateReader): void {
    const tables = reader.take('gridTables', Uint32Array, 1)[0] as number;
    const levels = readGridLevels(reader.take('gridSizes', Uint32Array));
    const saved = reader.take('gridValues', Float32Array);
    const stride = levels.reduce((sum, { columns, rows }) => sum + columns * rows, 0);
    // Compared before memory is taken for as many tables as a file announces.
    if (tables > MAX_GRID_TABLES || saved.length !== SAVED_GRID_SECTIONS * tables * stride)
      throw new ShapeError(`${saved.length} grid values for ${tables} tables of ${stride}`);
    const anchorGrid = reader.take('anchorGrid', Uint32Array, this.count);
    if (anchorGrid.some((table) => table !== NO_GRID && table >= tables))
      throw new ShapeError(`the saved scene names a grid beyond its ${tables}`);
    this.setGrids({ tables, levels });
    this.gridValues().set(saved);
    this.restoreBuffers(reader, SAVED_ANCHOR_BUFFERS);
    this.anchorGrid().set(anchorGrid);
  }

  private writeSplats(splats: Splats, firstRow: number): void {
    this.view(BUFFER.means).set(splats.means, firstRow * 3);
    this.view(BUFFER.quats).set(splats.quats, firstRow * 4);
    this.view(BUFFER.logScales).set(splats.logScales, firstRow * 3);
    this.view(BUFFER.rawOpacities).set(splats.rawOpacities, firstRow);
    this.view(BUFFER.shCoeffs).set(splats.shCoeffs, firstRow * 3 * shCoefficientCount(splats.shDegree));
  }

  private setAnchors(anchors: RayAnchors): void {
    const count = this.count;
    if (anchors.viewIndices.length !== count || anchors.imageCoords.length !== count * 2)
      throw new ShapeError('anchors: one view and one image position per Gaussian is expected');
    if (anchors.segments.length !== count) throw new ShapeError('anchors: one segment per Gaussian is expected');
    const views = anchors.origins.length / 3;
    this.setGrids({ tables: views * anchors.segmentCount, levels: anchors.gridLevels });
    this.view(BUFFER.imageCoord).set(anchors.imageCoords);
    const means = this.view(BUFFER.means);
    const base = this.view(BUFFER.rayBase);
    const origin = this.view(BUFFER.rayOrigin);
    const grid = this.anchorGrid();
    for (let i = 0; i < count; i++) {
      const view = anchors.viewIndices[i]!;
      if (view === NO_ANCHOR) {
        grid[i] = NO_GRID;
        continue;
      }
      if (view >= views) throw new ShapeError(`anchors name view ${view} of ${views}`);
      const segment = anchors.segments[i]!;
      if (segment >= anchors.segmentCount)
        throw new ShapeError(`anchors name segment ${segment} of ${anchors.segmentCount}`);
      grid[i] = view * anchors.segmentCount + segment;
      for (let c = 0; c < 3; c++) {
        const centre = anchors.origins[view * 3 + c]!;
        origin[i * 3 + c] = centre;
        base[i * 3 + c] = means[i * 3 + c]! - centre;
      }
    }
  }
}
