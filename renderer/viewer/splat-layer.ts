/**
 * The Gaussians on the GPU: Spark holds, lights and sorts them, our shaders draw them. A new scene is packed and sorted out of sight and
 * takes the old one's place in one frame.
 */
import * as THREE from 'three';
import type { Splats } from '../../engine/scene/splats.js';
import { SELECTION_COLOR, seenTexels } from './color-scales.js';
import { SplatPacker } from './pack-client.js';
import { createExtSplats, createSparkRenderer, createSplatMesh } from './spark-binding.js';
import type { SparkRenderer, SplatMesh } from './spark-binding.js';
import { createSplatGeometry } from './splat-geometry.js';
import { SPLAT_FRAGMENT, SPLAT_VERTEX } from './splat-shaders.js';
import type { PackedSplats } from './splat-packing.js';
import { paddedCount, ROW } from './splat-packing.js';
import type { DisplayMode } from './viewer-contract.js';
import { DISPLAY_MODES } from './viewer-contract.js';

const HIDDEN = 1;
const SELECTED = 2;

/** One scene and the marks of its Gaussians: two bytes each, flags and the number of photos. */
interface Shown {
  readonly splats: Splats;
  readonly mesh: SplatMesh;
  readonly marks: THREE.DataTexture;
}

export class SplatLayer {
  readonly scene = new THREE.Scene();
  private readonly spark: SparkRenderer;
  private readonly packer = new SplatPacker();
  private readonly uniforms;
  /** What is on the screen, and what will be once it has been sorted. */
  private shown: Shown | null = null;
  private coming: Shown | null = null;
  private request = 0;
  private sortedFor = '';
  private needsSort = false;

  constructor(
    renderer: THREE.WebGLRenderer,
    private readonly onChange: () => void,
  ) {
    this.uniforms = {
      splatMarks: { value: marksTexture(new Uint8Array(2 * ROW)) },
      seenColors: { value: scaleTexture(seenTexels()) },
      tangentLimit: { value: new THREE.Vector2(1, 1) },
      selectionColor: { value: new THREE.Vector3(...SELECTION_COLOR) },
      displayMode: { value: 0 },
      showsMarks: { value: true },
      depthUnit: { value: 1 },
      splatCount: { value: 0 },
    };
    this.spark = createSparkRenderer({
      renderer,
      autoUpdate: false,
      enableLod: false,
      accumExtSplats: true,
      sortRadial: false,
      vertexShader: SPLAT_VERTEX,
      fragmentShader: SPLAT_FRAGMENT,
      extraUniforms: this.uniforms,
      onDirty: onChange,
    });
    this.spark.geometry.dispose();
    this.spark.geometry = createSplatGeometry(this.uniforms.splatCount);
    this.scene.add(this.spark);
  }

  /** Those on the screen. */
  get splats(): Splats | null {
    return this.shown?.splats ?? null;
  }

  /** What is on the screen is the newest, in the order that it was last asked for. */
  get isSettled(): boolean {
    return this.coming === null && !this.needsSort && !this.spark.sorting;
  }

  /** Packs and takes over; resolves with false when a newer scene came before it was done. */
  async show(splats: Splats | null): Promise<boolean> {
    const request = ++this.request;
    if (splats === null || splats.count === 0) {
      this.clear();
      return true;
    }
    const packed = await this.packer.pack(splats, () => this.request !== request);
    // The one before is let onto the screen first: a fast trainer must not keep the picture from ever changing.
    while (this.coming !== null && this.request === request) await pause();
    if (packed === null || this.request !== request) return false;
    this.coming = this.upload(splats, packed);
    if (this.shown !== null) this.shown.mesh.visible = false;
    this.scene.add(this.coming.mesh);
    this.needsSort = true;
    this.onChange();
    return true;
  }

  setMarks(hidden: Uint8Array | null, selected: Uint8Array | null, seen: Uint8Array | null): void {
    for (const scene of [this.shown, this.coming]) {
      if (scene === null) continue;
      const bytes = scene.marks.image.data as Uint8Array;
      const count = scene.splats.count;
      // Marks of another revision say nothing about this one.
      const fitting = (mask: Uint8Array | null): Uint8Array | null => (mask?.length === count ? mask : null);
      const [hides, selects, sees] = [fitting(hidden), fitting(selected), fitting(seen)];
      for (let i = 0; i < count; i++) {
        bytes[i * 2] = (hides?.[i] ? HIDDEN : 0) | (selects?.[i] ? SELECTED : 0);
        bytes[i * 2 + 1] = sees?.[i] ?? 0;
      }
      scene.marks.needsUpdate = true;
    }
  }

  setDisplay(mode: DisplayMode, depthUnit: number): void {
    this.uniforms.displayMode.value = DISPLAY_MODES.indexOf(mode);
    this.uniforms.depthUnit.value = depthUnit;
  }

  setShowsMarks(shows: boolean): void {
    this.uniforms.showsMarks.value = shows;
  }

  /** Call before drawing: brings the order up to date for this camera as soon as Spark is free; the picture follows by `onChange`. */
  prepare(camera: THREE.PerspectiveCamera, tangentLimit: readonly [number, number]): void {
    this.uniforms.tangentLimit.value.set(...tangentLimit);
    this.adoptSorted();
    const place = camera.matrixWorld.elements.join();
    if (this.spark.sorting || (place === this.sortedFor && !this.needsSort)) return;
    if (this.shown === null && this.coming === null) return;
    this.sortedFor = place;
    this.needsSort = false;
    void this.spark.update({ scene: this.scene, camera });
  }

  /** Waits until the picture is sorted for exactly this camera. */
  async settle(camera: THREE.PerspectiveCamera): Promise<void> {
    do {
      while (this.spark.sorting) await pause();
      this.sortedFor = camera.matrixWorld.elements.join();
      this.needsSort = false;
      await this.spark.update({ scene: this.scene, camera });
      while (this.spark.sorting) await pause();
    } while (this.needsSort);
    this.adoptSorted();
  }

  dispose(): void {
    this.request++;
    this.packer.dispose();
    this.drop(this.shown);
    this.drop(this.coming);
    this.uniforms.splatMarks.value.dispose();
    this.uniforms.seenColors.value.dispose();
    this.spark.geometry.dispose();
    this.spark.dispose();
  }

  /** Spark shows the new mesh from the moment its order is there; the old one can go then, and the marks change hands. */
  private adoptSorted(): void {
    if (this.coming === null) return;
    if (!this.spark.display.mapping.some(({ node }) => node === this.coming?.mesh)) return;
    this.drop(this.shown);
    this.shown = this.coming;
    this.coming = null;
    this.uniforms.splatMarks.value = this.shown.marks;
  }

  private clear(): void {
    this.drop(this.shown);
    this.drop(this.coming);
    this.shown = null;
    this.coming = null;
    this.spark.clearSplats();
    this.onChange();
  }

  private upload(splats: Splats, packed: PackedSplats): Shown {
    const [sh1, sh2, sh3a, sh3b] = packed.sh;
    const extra = { sh1, sh2, sh3a, sh3b };
    const extSplats = createExtSplats({ extArrays: [packed.a, packed.b], numSplats: packed.count, extra });
    const mesh = createSplatMesh({ extSplats, editable: false, raycastable: false, enableLod: false });
    return { splats, mesh, marks: marksTexture(new Uint8Array(paddedCount(packed.count) * 2)) };
  }

  private drop(scene: Shown | null): void {
    if (scene === null) return;
    this.scene.remove(scene.mesh);
    scene.mesh.dispose();
    scene.marks.dispose();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4));
}

function marksTexture(bytes: Uint8Array<ArrayBuffer>): THREE.DataTexture {
  const texture = new THREE.DataTexture(
    bytes,
    ROW,
    bytes.length / 2 / ROW,
    THREE.RGIntegerFormat,
    THREE.UnsignedByteType,
  );
  texture.internalFormat = 'RG8UI';
  texture.unpackAlignment = 1;
  texture.needsUpdate = true;
  return texture;
}

export function scaleTexture(texels: Uint8Array<ArrayBuffer>): THREE.DataTexture {
  const texture = new THREE.DataTexture(texels, texels.length / 4, 1);
  texture.magFilter = THREE.LinearFilter;
  texture.minFilter = THREE.LinearFilter;
  texture.needsUpdate = true;
  return texture;
}

/** Half the field of view's tangents, by which the contract clamps the Jacobian. */
export function tangentLimits(
  focal: Readonly<{ fx: number; fy: number; width: number; height: number }>,
): [number, number] {
  const FRUSTUM_CLAMP = 1.3;
  return [(FRUSTUM_CLAMP * 0.5 * focal.width) / focal.fx, (FRUSTUM_CLAMP * 0.5 * focal.height) / focal.fy];
}
