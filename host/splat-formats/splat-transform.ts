/**
 * What is used of @playcanvas/splat-transform, whose own declarations do not resolve under Node's module rules. Its library is JavaScript
 * and WebAssembly; the native `webgpu` package is loaded by its command line only, never from here.
 * It is handed on from splat-worker.mjs, the one place that imports it.
 */
export interface SplatColumn {
  readonly name: string;
  readonly data: ArrayLike<number>;
}

export interface SplatTable {
  readonly numRows: number;
  readonly columns: readonly SplatColumn[];
  transform: unknown;
}

export interface SplatTransform {
  readonly Column: new (name: string, data: Float32Array) => SplatColumn;
  readonly DataTable: new (columns: readonly SplatColumn[]) => SplatTable;
  readonly MemoryReadFileSystem: new () => { set(name: string, data: Uint8Array): void };
  readonly MemoryFileSystem: new () => { readonly results: Map<string, Uint8Array> };
  readonly WebPCodec: {
    create(): Promise<{ encodeLosslessRGBA(rgba: Uint8Array, width: number, height: number): Uint8Array }>;
  };
  readonly readFile: (options: object) => Promise<readonly SplatTable[]>;
  readonly writeFile: (options: object, fileSystem: object) => Promise<void>;
  readonly logger: {
    setRenderer(renderer: { handle(event: SplatTransformEvent): void }): void;
  };
  readonly Transform: new () => { fromEulers(x: number, y: number, z: number): unknown };
}

export interface SplatTransformEvent {
  readonly kind: string;
  readonly current?: number;
  readonly total?: number;
}
