/** Collects primitives: triangles, boxes, balls, rods, turned shapes, leaves. z is up, metres. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { PackedPrimitives } from './bounding-tree.js';
import { CAPSULE, FRUSTUM, PRIMITIVE_STRIDE, SPHERE, TRIANGLE } from './intersect.js';
import { materialIndex } from './materials.js';
import type { MaterialName } from './materials.js';

type Point2 = readonly [number, number];
type Point3 = Readonly<Vec3>;

export const add = (a: Point3, b: Point3, scale = 1): Vec3 => [
  a[0] + b[0] * scale,
  a[1] + b[1] * scale,
  a[2] + b[2] * scale,
];
export const subtract = (a: Point3, b: Point3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const cross = (a: Point3, b: Point3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export function unit(a: Point3): Vec3 {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** A leaf that grows from `base` in `direction` and bends down by `droop` of its length. */
export interface LeafShape {
  readonly base: Point3;
  readonly direction: Point3;
  readonly length: number;
  readonly width: number;
  readonly droop: number;
  readonly segments: number;
}

export class SceneBuilder {
  private readonly kinds: number[] = [];
  private readonly numbers: number[] = [];
  private readonly materials: number[] = [];
  private readonly variants: number[] = [];

  private push(kind: number, values: readonly number[], material: MaterialName, variant: number): void {
    this.kinds.push(kind);
    for (let i = 0; i < PRIMITIVE_STRIDE; i++) this.numbers.push(values[i] ?? 0);
    this.materials.push(materialIndex(material));
    this.variants.push(variant);
  }

  triangle(
    corners: readonly [Point3, Point3, Point3],
    uv: readonly [Point2, Point2, Point2],
    material: MaterialName,
    variant = 0,
  ): void {
    const [a, b, c] = corners;
    const [ta, tb, tc] = uv;
    const texture = [...ta, tb[0] - ta[0], tb[1] - ta[1], tc[0] - ta[0], tc[1] - ta[1]];
    this.push(TRIANGLE, [...a, ...subtract(b, a), ...subtract(c, a), ...texture], material, variant);
  }

  /** Parallelogram; u runs along `edgeU`, v along `edgeV`, both in metres from `origin` (plus `offset`). */
  quad(
    origin: Point3,
    edgeU: Point3,
    edgeV: Point3,
    material: MaterialName,
    variant = 0,
    offset: Point2 = [0, 0],
  ): void {
    const [u0, v0] = offset;
    const u1 = u0 + Math.hypot(...edgeU);
    const v1 = v0 + Math.hypot(...edgeV);
    const right = add(origin, edgeU);
    const far = add(right, edgeV);
    this.triangle(
      [origin, right, far],
      [
        [u0, v0],
        [u1, v0],
        [u1, v1],
      ],
      material,
      variant,
    );
    this.triangle(
      [origin, far, add(origin, edgeV)],
      [
        [u0, v0],
        [u1, v1],
        [u0, v1],
      ],
      material,
      variant,
    );
  }

  /** Box turned by `yaw` about z; the texture's u follows each face's longer side (the grain of a plank). */
  box(centre: Point3, size: Point3, material: MaterialName, variant = 0, yaw = 0): void {
    const cos = Math.cos(yaw);
    const sin = Math.sin(yaw);
    const edges: Vec3[] = [
      [size[0] * cos, size[0] * sin, 0],
      [-size[1] * sin, size[1] * cos, 0],
      [0, 0, size[2]],
    ];
    for (let axis = 0; axis < 3; axis++) {
      const normal = edges[axis] as Vec3;
      const i = (axis + 1) % 3;
      const j = (axis + 2) % 3;
      const swap = (size[i] as number) < (size[j] as number);
      const edgeU = edges[swap ? j : i] as Vec3;
      const edgeV = edges[swap ? i : j] as Vec3;
      for (const side of [-0.5, 0.5]) {
        const origin = add(add(add(centre, normal, side), edgeU, -0.5), edgeV, -0.5);
        this.quad(origin, edgeU, edgeV, material, variant, [axis * 3.7 + side + variant * 11, variant * 5.3]);
      }
    }
  }

  sphere(centre: Point3, radius: number, material: MaterialName, variant = 0): void {
    this.push(SPHERE, [...centre, radius], material, variant);
  }

  /** A round rod with ball ends. */
  rod(from: Point3, to: Point3, radius: number, material: MaterialName, variant = 0): void {
    this.push(CAPSULE, [...from, ...to, radius], material, variant);
  }

  /** Rods through points. */
  wire(points: readonly Point3[], radius: number, material: MaterialName): void {
    points.slice(1).forEach((point, i) => this.rod(points[i] as Point3, point, radius, material));
  }

  /** A shape turned on the lathe about the vertical through (x, y): `profile` is a list of [radius, height above `base`]. */
  turned(axis: Point2, base: number, profile: readonly Point2[], material: MaterialName, variant = 0): void {
    profile.slice(1).forEach(([radius, height], i) => {
      const [lastRadius, lastHeight] = profile[i] as Point2;
      const lower = height >= lastHeight ? [base + lastHeight, lastRadius] : [base + height, radius];
      const upper = height >= lastHeight ? [base + height, radius] : [base + lastHeight, lastRadius];
      // A flat ring is a very shallow cone.
      if ((upper[0] as number) - (lower[0] as number) < 1e-4) upper[0] = (lower[0] as number) + 1e-4;
      this.push(FRUSTUM, [...axis, ...lower, ...upper] as number[], material, variant);
    });
  }

  /** A bent blade with a folded midrib; texture u 0..1 along it, v -1..1 across. */
  leaf(shape: LeafShape, material: MaterialName, variant: number): void {
    const direction = unit(shape.direction);
    const sideways = unit(cross(direction, Math.abs(direction[2]) > 0.95 ? [1, 0, 0] : [0, 0, 1]));
    const spine = (s: number): Vec3 =>
      add(add(shape.base, direction, shape.length * s), [0, 0, -1], shape.droop * shape.length * s * s);
    const rim = (s: number, side: number): Vec3 => {
      const half = shape.width * 0.5 * Math.sin(Math.PI * Math.min(0.98, 0.06 + 0.94 * s) ** 0.8);
      return add(add(spine(s), sideways, side * half), [0, 0, 1], half * 0.35);
    };
    for (let i = 0; i < shape.segments; i++) {
      const s0 = i / shape.segments;
      const s1 = (i + 1) / shape.segments;
      for (const side of [-1, 1]) {
        const corners = [spine(s0), rim(s0, side), rim(s1, side), spine(s1)] as const;
        this.triangle(
          [corners[0], corners[1], corners[2]],
          [
            [s0, 0],
            [s0, side],
            [s1, side],
          ],
          material,
          variant,
        );
        this.triangle(
          [corners[0], corners[2], corners[3]],
          [
            [s0, 0],
            [s1, side],
            [s1, 0],
          ],
          material,
          variant,
        );
      }
    }
  }

  /** A small flat leaf of two triangles, turned at will. */
  leaflet(base: Point3, direction: Point3, sideways: Point3, material: MaterialName, variant: number): void {
    const middle = add(base, direction, 0.45);
    const tip = add(base, direction);
    const left = add(middle, sideways, -0.5);
    const right = add(middle, sideways, 0.5);
    this.triangle(
      [base, right, tip],
      [
        [0, 0],
        [0.45, 1],
        [1, 0],
      ],
      material,
      variant,
    );
    this.triangle(
      [base, tip, left],
      [
        [0, 0],
        [1, 0],
        [0.45, -1],
      ],
      material,
      variant,
    );
  }

  pack(): PackedPrimitives {
    return {
      count: this.kinds.length,
      kinds: Uint8Array.from(this.kinds),
      data: Float32Array.from(this.numbers),
      materials: Uint8Array.from(this.materials),
      variants: Float32Array.from(this.variants),
    };
  }
}
