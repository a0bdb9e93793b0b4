import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countObservers } from '../../engine/pipeline/count-observers.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats } from '../../engine/scene/splats.js';
import type { View } from '../../engine/scene/view.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import type { Engine } from '../fixtures/interrupted-run.js';
import { openEngine } from '../fixtures/interrupted-run.js';

const SIZE = 32;

/** At (x, 0, z), looking along +z, or back along −z. */
function viewFrom(x: number, z: number, looksBack = false, mask: View['mask'] = null): View {
  const rotation: Camera['cameraFromWorld']['rotation'] = looksBack
    ? [-1, 0, 0, 0, 1, 0, 0, 0, -1]
    : [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const translation: [number, number, number] = looksBack ? [x, 0, z] : [-x, 0, -z];
  return {
    name: `${x} ${z}.png`,
    camera: {
      intrinsics: { fx: SIZE, fy: SIZE, cx: SIZE / 2, cy: SIZE / 2, width: SIZE, height: SIZE },
      cameraFromWorld: { rotation, translation },
    },
    image: { width: SIZE, height: SIZE, data: new Float32Array(SIZE * SIZE * 3) },
    mask,
  };
}

/** Round Gaussians at [x, y, z, σ, opacity]. */
function gaussians(...records: readonly (readonly [number, number, number, number, number])[]): Splats {
  const splats = createSplats(records.length, 0);
  records.forEach(([x, y, z, sigma, opacity], i) => {
    splats.means.set([x, y, z], i * 3);
    splats.logScales.fill(Math.log(sigma), i * 3, i * 3 + 3);
    splats.rawOpacities[i] = Math.log(opacity / (1 - opacity));
  });
  return splats;
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const backends = [
  ['wasm', () => engine.splatting],
  ['reference', () => createReferenceBackend()],
] as const;

describe.each(backends)('countObservers, %s', (_, backend) => {
  const count = async (splats: Splats, views: readonly View[]): Promise<number[]> => [
    ...(await countObservers(backend(), splats, views)),
  ];

  it('counts the photos before whose camera a Gaussian lies, within the picture', async () => {
    const scene = gaussians(
      [0, 0, 4, 0.2, 0.8], // before all three
      [1.8, 0, 4, 0.1, 0.8], // 2.8 to the right of the leftmost camera: u = 16 + 32 · 2.8 / 4 = 38.4, beyond 32
      [0, 0, -3, 0.2, 0.8], // behind all
      [30, 0, 4, 0.2, 0.8], // beside all
    );
    expect(await count(scene, [viewFrom(-1, 0), viewFrom(0, 0), viewFrom(1, 0)])).toEqual([3, 2, 0, 0]);
  });

  it('does not count what is hidden, but from the other side', async () => {
    // Two walls, nearly opaque, and one behind them: the front lets (1 − 0.96)² = 0.0016 through.
    const scene = gaussians([0, 0, 3, 1, 0.96], [0, 0, 3.2, 1, 0.96], [0, 0, 5, 0.1, 0.9]);
    // Behind the first wall 0.96 · 0.04 = 0.038 is left for the second in the middle, less than at its rim, where the first is thin.
    expect(await count(scene, [viewFrom(0, 0)])).toEqual([1, 1, 0]);
    expect(await count(scene, [viewFrom(0, 0), viewFrom(0, 9, true)])).toEqual([2, 2, 1]);
  });

  it('counts what shines through', async () => {
    // A pane of opacity 0.5 leaves half of the weight to what stands behind it.
    expect(await count(gaussians([0, 0, 2, 1, 0.5], [0, 0, 5, 0.5, 0.9]), [viewFrom(0, 0)])).toEqual([1, 1]);
    // 0.03 of a pixel is not seen.
    expect(await count(gaussians([0, 0, 2, 0.5, 0.03]), [viewFrom(0, 0)])).toEqual([0]);
  });

  it('does not count what only masked pixels show', async () => {
    // The left half is masked out.
    const mask = Uint8Array.from({ length: SIZE * SIZE }, (__, i) => (i % SIZE < SIZE / 2 ? 0 : 1));
    const scene = gaussians([-1, 0, 4, 0.1, 0.9], [1, 0, 4, 0.1, 0.9]);
    expect(await count(scene, [viewFrom(0, 0, false, mask)])).toEqual([0, 1]);
    expect(await count(scene, [viewFrom(0, 0, false, mask), viewFrom(0, 0)])).toEqual([1, 2]);
  });

  it('stops at 255, and where there is nothing says nothing', async () => {
    const many = Array.from({ length: 260 }, () => viewFrom(0, 0));
    if (backend().name === 'wasm') expect(await count(gaussians([0, 0, 4, 0.2, 0.8]), many)).toEqual([255]);
    expect(await count(createSplats(0, 0), [viewFrom(0, 0)])).toEqual([]);
    expect(await count(gaussians([0, 0, 4, 0.2, 0.8]), [])).toEqual([0]);
  });
});
