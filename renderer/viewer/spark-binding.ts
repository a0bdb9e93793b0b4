/** What we use of Spark, typed here: its own declarations import from '.', which module resolution for packages does not follow. */
import * as spark from '@sparkjsdev/spark';
import type * as THREE from 'three';

export interface ExtSplats {
  dispose(): void;
}

export interface SplatMesh extends THREE.Object3D {
  dispose(): void;
}

export interface SparkRenderer extends THREE.Object3D {
  geometry: THREE.BufferGeometry;
  /** From asking for an order until it is there. */
  readonly sorting: boolean;
  /** What is drawn: the meshes whose Gaussians it holds. */
  readonly display: { readonly mapping: readonly { readonly node: THREE.Object3D }[] };
  update(view: { readonly scene: THREE.Scene; readonly camera: THREE.Camera }): Promise<void>;
  clearSplats(): void;
  dispose(): void;
}

interface SparkOptions {
  readonly renderer: THREE.WebGLRenderer;
  readonly autoUpdate: boolean;
  readonly enableLod: boolean;
  readonly accumExtSplats: boolean;
  readonly sortRadial: boolean;
  readonly vertexShader: string;
  readonly fragmentShader: string;
  readonly extraUniforms: Record<string, { value: unknown }>;
  readonly onDirty: () => void;
}

interface ExtSplatsOptions {
  readonly extArrays: readonly [Uint32Array, Uint32Array];
  readonly numSplats: number;
  readonly extra: Record<string, Uint32Array | undefined>;
}

interface MeshOptions {
  readonly extSplats: ExtSplats;
  readonly editable: boolean;
  readonly raycastable: boolean;
  readonly enableLod: boolean;
}

const classes = spark as unknown as {
  readonly SparkRenderer: new (options: SparkOptions) => SparkRenderer;
  readonly ExtSplats: new (options: ExtSplatsOptions) => ExtSplats;
  readonly SplatMesh: new (options: MeshOptions) => SplatMesh;
};

export const createSparkRenderer = (options: SparkOptions): SparkRenderer => new classes.SparkRenderer(options);
export const createExtSplats = (options: ExtSplatsOptions): ExtSplats => new classes.ExtSplats(options);
export const createSplatMesh = (options: MeshOptions): SplatMesh => new classes.SplatMesh(options);
