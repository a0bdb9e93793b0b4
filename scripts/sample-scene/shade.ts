/**
 * Light along one path: at every hit the sun is sampled directly (its disc, so shadows are soft), then the path goes on
 * by the diffuse or the glossy lobe until it leaves for the sky. Materials: Lambert under a GGX coat (Walter et al. 2007)
 * with Schlick's Fresnel; leaves and thin cloth let part of the diffuse light through.
 */
import type { BoundingTree } from './bounding-tree.js';
import type { Ray } from './intersect.js';
import type { PixelSampler } from './sampler.js';
import { SUN_DIRECTION, SUN_IRRADIANCE, SUN_RADIUS, skyRadiance } from './sky.js';
import { Surface, resolveSurface } from './surface.js';

/** Diffuse bounces that are followed; what comes after them is taken to be AMBIENT. */
const MAX_BOUNCES = 2;
const AMBIENT = [0.42, 0.4, 0.36] as const;
/** Start of a secondary ray above its surface, in metres. */
const LIFT = 3e-4;
/** A sample brighter than this is a firefly. */
const SAMPLE_CLAMP = 12;

export class PathTracer {
  private readonly ray: Ray = { ox: 0, oy: 0, oz: 0, dx: 0, dy: 0, dz: 1 };
  private readonly surface = new Surface();
  private readonly albedo = new Float64Array(3);
  private readonly sky = new Float64Array(3);
  private readonly throughput = new Float64Array(3);

  constructor(private readonly tree: BoundingTree) {}

  /** Adds the radiance that arrives along `camera` to `out` (3 numbers). */
  trace(camera: Ray, sampler: PixelSampler, out: Float64Array): void {
    const { ray, surface, albedo, throughput, sky, tree } = this;
    Object.assign(ray, camera);
    throughput.fill(1);
    for (let bounce = 0; ; bounce++) {
      const distance = tree.findNearest(ray);
      if (distance === Infinity) {
        skyRadiance(ray.dx, ray.dy, ray.dz, bounce === 0, sky);
        this.deposit(out, sky[0] as number, sky[1] as number, sky[2] as number);
        return;
      }
      resolveSurface(tree.primitives, tree.hitPrimitive, ray, distance, bounce === 0, surface);
      const { material } = surface;
      if (bounce === 0) {
        material.texture(surface.u, surface.v, surface.variant, albedo);
        for (let c = 0; c < 3; c++) albedo[c] = Math.min(0.92, Math.max(0.008, albedo[c] as number));
      } else {
        albedo.set(material.mean);
      }
      if (bounce === MAX_BOUNCES) {
        this.deposit(
          out,
          (albedo[0] as number) * AMBIENT[0],
          (albedo[1] as number) * AMBIENT[1],
          (albedo[2] as number) * AMBIENT[2],
        );
        return;
      }
      this.addSun(bounce, sampler, out);
      this.continuePath(sampler);
    }
  }

  private deposit(out: Float64Array, r: number, g: number, b: number): void {
    const { throughput } = this;
    out[0] = (out[0] as number) + Math.min(SAMPLE_CLAMP, r * (throughput[0] as number));
    out[1] = (out[1] as number) + Math.min(SAMPLE_CLAMP, g * (throughput[1] as number));
    out[2] = (out[2] as number) + Math.min(SAMPLE_CLAMP, b * (throughput[2] as number));
  }

  /** Light that comes straight from a random point of the sun's disc. */
  private addSun(bounce: number, sampler: PixelSampler, out: Float64Array): void {
    const { surface, ray, albedo } = this;
    const { material } = surface;
    sampler.next();
    const radius = SUN_RADIUS * Math.sqrt(sampler.first);
    const angle = 2 * Math.PI * sampler.second;
    const [sx, sy, sz] = SUN_DIRECTION;
    // (−sy, sx, 0) and its cross product with the sun's direction span the disc.
    const flat = Math.hypot(sx, sy);
    const a = (radius * Math.cos(angle)) / flat;
    const b = (radius * Math.sin(angle)) / flat;
    let lx = sx - a * sy - b * sx * sz;
    let ly = sy + a * sx - b * sy * sz;
    let lz = sz + b * (sx * sx + sy * sy);
    const length = Math.hypot(lx, ly, lz);
    lx /= length;
    ly /= length;
    lz /= length;
    const cosine = surface.nx * lx + surface.ny * ly + surface.nz * lz;
    const share = cosine > 0 ? 1 - material.transmission : material.transmission;
    if (share === 0) return;
    const side = cosine > 0 ? LIFT : -LIFT;
    const blocked = this.tree.isBlocked(
      {
        ox: surface.x + side * surface.nx,
        oy: surface.y + side * surface.ny,
        oz: surface.z + side * surface.nz,
        dx: lx,
        dy: ly,
        dz: lz,
      },
      100,
    );
    if (blocked) return;
    const glint = cosine > 0 && bounce === 0 && material.gloss > 0 ? glossOf(surface, ray, lx, ly, lz) : 0;
    const diffuse = (share * (1 - material.gloss)) / Math.PI;
    const received = Math.abs(cosine);
    this.deposit(
      out,
      SUN_IRRADIANCE[0] * received * ((albedo[0] as number) * diffuse + glint),
      SUN_IRRADIANCE[1] * received * ((albedo[1] as number) * diffuse + glint),
      SUN_IRRADIANCE[2] * received * ((albedo[2] as number) * diffuse + glint),
    );
  }

  /** Turns `ray` into the path's next leg and weighs the throughput. */
  private continuePath(sampler: PixelSampler): void {
    const { surface, ray, throughput, albedo } = this;
    const { material } = surface;
    sampler.next();
    const choice = sampler.first;
    const sideChoice = sampler.second;
    sampler.next();
    const { first, second } = sampler;
    let { nx, ny, nz } = surface;
    const facing = Math.max(0, -(nx * ray.dx + ny * ray.dy + nz * ray.dz));
    const fresnel = material.gloss === 0 ? 0 : material.gloss + (1 - material.gloss) * 0.6 * (1 - facing) ** 5;
    if (choice < fresnel) {
      // Glossy: reflect about a microfacet normal drawn from GGX; the masking term is left out, it is near 1 here.
      const tangent = material.roughness * Math.sqrt(first / (1 - first + 1e-9));
      [nx, ny, nz] = tiltedNormal(nx, ny, nz, tangent, 2 * Math.PI * second);
      const along = 2 * (nx * ray.dx + ny * ray.dy + nz * ray.dz);
      ray.dx -= along * nx;
      ray.dy -= along * ny;
      ray.dz -= along * nz;
      const above = surface.nx * ray.dx + surface.ny * ray.dy + surface.nz * ray.dz;
      if (above <= 0) throughput.fill(0);
      this.leave(1);
      return;
    }
    for (let c = 0; c < 3; c++) throughput[c] = (throughput[c] as number) * (albedo[c] as number);
    const side = sideChoice < material.transmission ? -1 : 1;
    // Cosine-weighted: a point on the unit sphere added to the normal.
    const height = 2 * first - 1;
    const ring = Math.sqrt(1 - height * height);
    const angle = 2 * Math.PI * second;
    const x = side * nx + ring * Math.cos(angle);
    const y = side * ny + ring * Math.sin(angle);
    const z = side * nz + height;
    const length = Math.hypot(x, y, z) || 1;
    ray.dx = x / length;
    ray.dy = y / length;
    ray.dz = z / length;
    this.leave(side);
  }

  private leave(side: number): void {
    const { ray, surface } = this;
    ray.ox = surface.x + side * LIFT * surface.nx;
    ray.oy = surface.y + side * LIFT * surface.ny;
    ray.oz = surface.z + side * LIFT * surface.nz;
  }
}

/** A unit vector at `tangent` = tan θ from the normal, turned by `angle` about it. */
function tiltedNormal(nx: number, ny: number, nz: number, tangent: number, angle: number): [number, number, number] {
  // Duff et al. 2017: an orthonormal basis without a branch on the axis.
  const sign = nz >= 0 ? 1 : -1;
  const a = -1 / (sign + nz);
  const b = nx * ny * a;
  const c = tangent * Math.cos(angle);
  const s = tangent * Math.sin(angle);
  const x = nx + c * (1 + sign * nx * nx * a) + s * b;
  const y = ny + c * sign * b + s * (sign + ny * ny * a);
  const z = nz - c * sign * nx - s * ny;
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

/** GGX reflection D F G / (4 cosθi cosθo) of the coat, with the V ≈ 1 / (4 (l·h)²) visibility of Kelemen. */
function glossOf(surface: Surface, ray: Ray, lx: number, ly: number, lz: number): number {
  const hx = lx - ray.dx;
  const hy = ly - ray.dy;
  const hz = lz - ray.dz;
  const length = Math.hypot(hx, hy, hz);
  const cosHalf = (surface.nx * hx + surface.ny * hy + surface.nz * hz) / length;
  const cosLight = (lx * hx + ly * hy + lz * hz) / length;
  const squared = surface.material.roughness ** 2;
  const denominator = cosHalf * cosHalf * (squared - 1) + 1;
  const distribution = squared / (Math.PI * denominator * denominator);
  const fresnel = surface.material.gloss + (1 - surface.material.gloss) * (1 - cosLight) ** 5;
  return (distribution * fresnel) / (4 * cosLight * cosLight + 1e-6);
}
