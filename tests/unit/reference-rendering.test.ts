import { describe, expect, it } from 'vitest';
import type { Camera } from '../../engine/scene/camera.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats, SH_C0 } from '../../engine/scene/splats.js';
import type { RenderedView, RenderOptions } from '../../engine/splatting/contract.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { createPlainCamera } from '../fixtures/random-splats.js';

const OPTIONS: RenderOptions = { background: [0.1, 0.2, 0.3], shDegree: 0, dilation: 0.3 };

interface Blob {
  mean: [number, number, number];
  scale?: number | [number, number, number];
  quat?: [number, number, number, number];
  opacity?: number;
  color?: [number, number, number];
}

function createScene(blobs: Blob[]): Splats {
  const splats = createSplats(blobs.length, 0);
  blobs.forEach((blob, i) => {
    const scale = blob.scale ?? 0.1;
    const opacity = blob.opacity ?? 0.5;
    splats.means.set(blob.mean, i * 3);
    splats.quats.set(blob.quat ?? [1, 0, 0, 0], i * 4);
    splats.logScales.set((typeof scale === 'number' ? [scale, scale, scale] : scale).map(Math.log), i * 3);
    splats.rawOpacities[i] = Math.log(opacity / (1 - opacity));
    splats.shCoeffs.set(
      (blob.color ?? [1, 1, 1]).map((value) => (value - 0.5) / SH_C0),
      i * 3,
    );
  });
  return splats;
}

async function render(blobs: Blob[], camera: Camera, options = OPTIONS): Promise<RenderedView> {
  const backend = createReferenceBackend();
  return backend.render(await backend.createScene(createScene(blobs), null), camera, options);
}

/** 9×9 pixels, f = 9, so that the middle pixel's centre (4.5, 4.5) is on the axis. */
const camera = createPlainCamera(9, 9);
const at = (view: RenderedView, x: number, y: number) => {
  const p = y * view.width + x;
  return { color: Array.from(view.color.subarray(p * 3, p * 3 + 3)), depth: view.depth[p], alpha: view.alpha[p] };
};

describe('rendering worked by hand', () => {
  it('one Gaussian on the axis: its opacity at the middle, exp(−½ r² / σ²) beside it', async () => {
    // σ on the image: 9 · 0.2 / 2 = 0.9 px; with the dilation 0.81 + 0.3 = 1.11 px².
    const view = await render([{ mean: [0, 0, 2], scale: 0.2, opacity: 0.6, color: [0.9, 0.5, 0] }], camera);
    const middle = at(view, 4, 4);
    expect(middle.alpha).toBeCloseTo(0.6, 6);
    expect(middle.depth).toBeCloseTo(1.2, 6);
    expect(middle.color[0]).toBeCloseTo(0.6 * 0.9 + 0.4 * 0.1, 6);
    expect(middle.color[1]).toBeCloseTo(0.6 * 0.5 + 0.4 * 0.2, 6);
    expect(middle.color[2]).toBeCloseTo(0.4 * 0.3, 6);
    expect(at(view, 5, 4).alpha).toBeCloseTo(0.6 * Math.exp(-0.5 / 1.11), 5);
    expect(at(view, 4, 2).alpha).toBeCloseTo(0.6 * Math.exp(-2 / 1.11), 5);
    expect(at(view, 5, 5).alpha).toBeCloseTo(at(view, 3, 3).alpha as number, 6);
  });

  it('pixel centres are at +0.5, +x is right and +y is down', async () => {
    // u = 9 · 0.5 / 1.5 + 4.5 = 7.5 → column 7; v = 9 · (−1/3) + 4.5 → row 1.
    const view = await render([{ mean: [0.5, -0.5, 1.5], scale: 0.01, opacity: 0.8 }], camera);
    const best = view.alpha.indexOf(Math.max(...view.alpha));
    expect([best % 9, Math.floor(best / 9)]).toEqual([7, 1]);
    expect(view.alpha[best]).toBeCloseTo(0.8, 6);
  });

  it('a long Gaussian turned a quarter around the view axis is long in the other direction', async () => {
    const long: [number, number, number] = [0.4, 0.02, 0.02];
    const flat = await render([{ mean: [0, 0, 2], scale: long }], camera);
    const upright = await render([{ mean: [0, 0, 2], scale: long, quat: [Math.SQRT2, 0, 0, Math.SQRT2] }], camera);
    expect(at(flat, 6, 4).alpha).toBeGreaterThan(0.2);
    expect(at(flat, 4, 6).alpha).toBe(0);
    expect(at(upright, 4, 6).alpha).toBeCloseTo(at(flat, 6, 4).alpha as number, 6);
    expect(at(upright, 6, 4).alpha).toBe(0);
  });

  it('blends front to back by depth, not by index', async () => {
    const view = await render(
      [
        { mean: [0, 0, 4], opacity: 0.5, color: [0, 1, 0] },
        { mean: [0, 0, 2], opacity: 0.75, color: [1, 0, 0] },
      ],
      camera,
    );
    const { color, depth, alpha } = at(view, 4, 4);
    // w = 0.75 and 0.25 · 0.5; T = 0.125.
    expect(color[0]).toBeCloseTo(0.75 + 0.125 * 0.1, 6);
    expect(color[1]).toBeCloseTo(0.125 + 0.125 * 0.2, 6);
    expect(depth).toBeCloseTo(0.75 * 2 + 0.125 * 4, 6);
    expect(alpha).toBeCloseTo(0.875, 6);
  });

  it('breaks ties of depth by index', async () => {
    const blobs: Blob[] = [
      { mean: [0, 0, 2], opacity: 0.9, color: [1, 0, 0] },
      { mean: [0, 0, 2], opacity: 0.9, color: [0, 1, 0] },
    ];
    expect(at(await render(blobs, camera), 4, 4).color[0]).toBeGreaterThan(0.9);
    expect(at(await render([...blobs].reverse(), camera), 4, 4).color[1]).toBeGreaterThan(0.9);
  });

  it('clips alpha at 0.99 and skips what is under 1/255', async () => {
    const view = await render([{ mean: [0, 0, 2], scale: 0.3, opacity: 0.9999 }], camera);
    expect(at(view, 4, 4).alpha).toBeCloseTo(0.99, 6);
    expect((await render([{ mean: [0, 0, 2], opacity: 1 / 254 }], camera)).alpha[40]).toBeGreaterThan(0.003);
    expect((await render([{ mean: [0, 0, 2], opacity: 1 / 256 }], camera)).alpha[40]).toBe(0);
    const smallest = Math.min(...view.alpha.filter((value) => value > 0));
    expect(smallest).toBeGreaterThanOrEqual(1 / 255 - 1e-9);
  });

  it('stops before the transmittance would fall under 1e-4', async () => {
    // T: 0.01 after the first; the second would leave 1e-4 · (just under): skipped, and everything behind it too.
    const pile = [2, 3, 4].map((z): Blob => ({ mean: [0, 0, z], scale: 1, opacity: 0.99999 }));
    pile[1] = { mean: [0, 0, 3], scale: 1, opacity: 0.9901 };
    expect(at(await render(pile.slice(0, 1), camera), 4, 4).alpha).toBeCloseTo(0.99, 6);
    const second = { ...pile[1], opacity: 0.985 };
    const alpha = at(await render([pile[0] as Blob, second, pile[2] as Blob], camera), 4, 4).alpha as number;
    expect(alpha).toBeCloseTo(1 - 0.01 * 0.015, 6);
  });

  it('culls what is nearer than 0.01 or behind', async () => {
    const view = await render([{ mean: [0, 0, -2] }, { mean: [0, 0, 0.0099], scale: 1e-4 }], camera);
    expect(Math.max(...view.alpha)).toBe(0);
    expect(Math.max(...(await render([{ mean: [0, 0, 0.0101], scale: 1e-4 }], camera)).alpha)).toBeGreaterThan(0.4);
  });

  it('colours under zero are clipped, colours above one are not', async () => {
    const { color } = at(await render([{ mean: [0, 0, 2], opacity: 0.5, color: [-3, 1.5, 0] }], camera), 4, 4);
    expect(color[0]).toBeCloseTo(0.05, 6);
    expect(color[1]).toBeCloseTo(0.75 + 0.1, 5);
  });

  it('the slope in the Jacobian is clamped far outside of the picture', async () => {
    // x/z = 10, the limit 1.3 · 0.5 = 0.65: J = (9/1, 0, −9 · 0.65 / 1), variance² = σ² (81 + 5.85²) + 0.3 at u = 94.5.
    const sigma = 8;
    const view = await render([{ mean: [10, 0, 1], scale: sigma, opacity: 0.9 }], camera);
    const variance = sigma ** 2 * (81 + 5.85 ** 2) + 0.3;
    expect(at(view, 4, 4).alpha).toBeCloseTo(0.9 * Math.exp((-0.5 * 90 ** 2) / variance), 5);
  });
});
