import { describe, expect, it } from 'vitest';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats } from '../../engine/scene/splats.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { photoAt } from '../../renderer/viewer/frustum-geometry.js';
import { findInRegion, isInRegion, medianDepthAt, pickPoint } from '../../renderer/viewer/splat-picking.js';
import type { ViewerPhoto } from '../../renderer/viewer/viewer-contract.js';

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const camera = { fx: 100, fy: 100, cx: 50, cy: 50, width: 100, height: 100 };
const view = { pose: { rotation: IDENTITY, position: [0, 0, 0] as Vec3, fovYRad: 1 }, camera };

function sceneOf(points: readonly { at: Vec3; size: number; opacity: number }[]): Splats {
  const splats = createSplats(points.length, 0);
  points.forEach(({ at, size, opacity }, i) => {
    splats.means.set(at, i * 3);
    splats.logScales.fill(Math.log(size), i * 3, i * 3 + 3);
    splats.rawOpacities[i] = Math.log(opacity / (1 - opacity));
  });
  return splats;
}

describe('picking', () => {
  it('finds the depth where half of the light is used up', () => {
    const splats = sceneOf([
      { at: [0, 0, 8], size: 0.5, opacity: 0.95 },
      { at: [0, 0, 2], size: 0.2, opacity: 0.3 },
      { at: [0, 0, 4], size: 0.2, opacity: 0.4 },
    ]);
    // Front to back: T = 0.7, 0.42 < 0.5 at the second.
    expect(medianDepthAt(splats, null, view, 50, 50)).toBeCloseTo(4);
    expect(medianDepthAt(splats, Uint8Array.of(0, 0, 1), view, 50, 50)).toBeCloseTo(8);
    expect(medianDepthAt(splats, null, view, 5, 95)).toBeNull();
  });

  it('gives the point under the pointer, off the centre of the Gaussian', () => {
    const splats = sceneOf([{ at: [0, 0, 5], size: 1, opacity: 0.99 }]);
    const point = pickPoint(splats, null, view, 60, 45);
    expect(point?.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0.5, -0.25, 5]);
  });

  it('agrees with the reference rasterizer about what covers a pixel', async () => {
    const splats = createSplats(1, 0);
    splats.means.set([0.3, -0.2, 3]);
    splats.quats.set([0.8, 0.2, -0.4, 0.4]);
    splats.logScales.set([Math.log(0.6), Math.log(0.05), Math.log(0.2)]);
    splats.rawOpacities[0] = 4;
    const backend = createReferenceBackend();
    const scene = await backend.createScene(splats, null);
    const rendered = await backend.render(
      scene,
      { intrinsics: camera, cameraFromWorld: { rotation: IDENTITY, translation: [0, 0, 0] } },
      { background: [0, 0, 0], shDegree: 0, dilation: 0.3 },
    );
    let [inside, disagreeing] = [0, 0];
    for (let v = 0; v < 100; v++) {
      for (let u = 0; u < 100; u++) {
        const alpha = rendered.alpha[v * 100 + u] as number;
        if (Math.abs(alpha - 0.5) < 1e-3) continue;
        const isPicked = medianDepthAt(splats, null, view, u + 0.5, v + 0.5) !== null;
        if (alpha > 0.5) inside++;
        if (isPicked !== alpha > 0.5) disagreeing++;
      }
    }
    expect(inside).toBeGreaterThan(50);
    expect(disagreeing).toBe(0);
  });
});

describe('regions', () => {
  const splats = sceneOf([
    { at: [0, 0, 2], size: 0.3, opacity: 0.98 },
    { at: [0.01, 0, 6], size: 0.1, opacity: 0.9 },
    { at: [2, 0, 4], size: 0.1, opacity: 0.9 },
    { at: [0, 0, -3], size: 0.1, opacity: 0.9 },
  ]);
  const box = { kind: 'box', left: 40, top: 60, right: 60, bottom: 40 } as const;

  it('takes the centres inside, through everything or only in front', () => {
    expect([...findInRegion(splats, null, view, box, true)]).toEqual([1, 1, 0, 0]);
    expect([...findInRegion(splats, null, view, box, false)]).toEqual([1, 0, 0, 0]);
  });

  it('sees what lies behind something hidden', () => {
    expect([...findInRegion(splats, Uint8Array.of(1, 0, 0, 0), view, box, false)]).toEqual([0, 1, 0, 0]);
  });

  it('knows a stroke from its points alone', () => {
    const stroke = {
      kind: 'brush',
      points: [
        { x: 10, y: 10 },
        { x: 50, y: 10 },
      ],
      radius: 5,
    } as const;
    expect(isInRegion(stroke, 30, 14)).toBe(true);
    expect(isInRegion(stroke, 30, 16)).toBe(false);
    expect(isInRegion(stroke, 56, 10)).toBe(false);
    expect(isInRegion({ kind: 'brush', points: [], radius: 5 }, 0, 0)).toBe(false);
  });
});

describe('photos in the scene', () => {
  const at = (id: string, z: number): ViewerPhoto => ({
    id,
    name: id,
    camera: { ...camera, rotation: IDENTITY, translation: [0, 0, -z] },
    thumbnailUrl: null,
    pictureUrl: null,
    isHeldOut: false,
  });

  it('takes the nearest under the pointer', () => {
    const photos = [at('far', 8), at('near', 4)];
    expect(photoAt(photos, 0.5, view, 50, 50)?.id).toBe('near');
    expect(photoAt(photos, 0.5, view, 95, 95)).toBeNull();
    // The picture of the nearer one: half a unit wide at depth 4.5, ± 5.6 px; beside it nothing.
    expect(photoAt(photos, 0.5, view, 54, 46)?.id).toBe('near');
    expect(photoAt([at('behind', -2)], 0.5, view, 50, 50)).toBeNull();
    // One stands right behind it: it is not drawn, so it is not hit.
    expect(photoAt([at('here', 1), at('far', 8)], 0.5, view, 50, 50)?.id).toBe('far');
  });
});
