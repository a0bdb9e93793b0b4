import { describe, expect, it } from 'vitest';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { AdaptiveResolution, REST_MS } from '../../renderer/viewer/adaptive-resolution.js';
import { depthColor, depthTexels, seenColor } from '../../renderer/viewer/color-scales.js';
import { boundsOfPoints, depthRangeOf } from '../../renderer/viewer/scene-bounds.js';
import { upByFloor, upOfPhotos, upOfPoints } from '../../renderer/viewer/up-estimate.js';
import { dot, normalize, rotationAbout } from '../../renderer/viewer/vector-math.js';
import type { ViewerPhoto } from '../../renderer/viewer/viewer-contract.js';
import { decodePoints, viewerPhotos } from '../../renderer/panels/viewer/scene-media.js';
import { parseMetres } from '../../renderer/panels/viewer/parse-metres.js';

function photoWith(rotation: Mat3): ViewerPhoto {
  const camera = { fx: 1, fy: 1, cx: 0, cy: 0, width: 1, height: 1, rotation, translation: [0, 0, 0] as Vec3 };
  return { id: 'p', name: 'p', camera, thumbnailUrl: null, pictureUrl: null, isHeldOut: false };
}

describe('bounds', () => {
  it('are not moved by a Gaussian that flew off, nor by one that is nowhere', () => {
    const positions = new Float32Array(3 * 1000);
    for (let i = 0; i < 1000; i++) positions.set([i / 999, (i % 10) / 9, 0], i * 3);
    positions.set([1e7, 1e7, 1e7], 30);
    positions.set([Number.NaN, 0, 0], 60);
    const ball = boundsOfPoints(positions);
    expect(ball?.centre[0]).toBeCloseTo(0.5, 1);
    expect(ball?.radius).toBeLessThan(0.8);
    expect(boundsOfPoints(new Float32Array(0))).toBeNull();
  });

  it('are those of what is left to see', () => {
    const positions = Float32Array.from({ length: 300 }, (_, i) => Math.floor(i / 3));
    const ball = boundsOfPoints(
      positions,
      Uint8Array.from({ length: 100 }, (_, i) => (i < 90 ? 1 : 0)),
    );
    expect(ball?.centre).toEqual([94.5, 94.5, 94.5]);
    expect(ball?.radius).toBeCloseTo(4.5 * Math.sqrt(3));
    expect(boundsOfPoints(positions, new Uint8Array(100).fill(1))).toBeNull();
  });

  it('tell the depths of what is in the picture', () => {
    const positions = new Float32Array([0, 0, 2, 0, 0, 4, 9, 0, 1, 0, 0, -5]);
    const pose = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1] as Mat3, position: [0, 0, 0] as Vec3, fovYRad: 1 };
    expect(depthRangeOf(positions, pose, [0.5, 0.5])).toEqual([2, 4]);
    expect(depthRangeOf(positions.subarray(9), pose, [0.5, 0.5])).toBeNull();
  });
});

describe('what is up', () => {
  it('is the mean of the photos’ upward directions', () => {
    // Rows of cameraFromWorld: tilted 0.3 to either side about z, the mean is −y again.
    const up = upOfPhotos([photoWith(rotationAbout([0, 0, 1], 0.3)), photoWith(rotationAbout([0, 0, 1], -0.3))]);
    expect(up?.map((value) => Math.round(value * 1e6) / 1e6 + 0)).toEqual([0, -1, 0]);
  });

  it('is unknown without photos and where they cancel out', () => {
    expect(upOfPhotos([])).toBeNull();
    expect(upOfPhotos([photoWith([1, 0, 0, 0, 1, 0, 0, 0, 1]), photoWith([-1, 0, 0, 0, -1, 0, 0, 0, 1])])).toBeNull();
  });

  it('is the normal of a floor, on the side that was held up', () => {
    const normal = normalize([0.2, -1, 0.1]);
    const positions: number[] = [];
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j < 40; j++) {
        const [x, z] = [i / 10 - 2, j / 10 - 2];
        positions.push(x, (normal[0] * x + normal[2] * z) / -normal[1] + 0.02 * Math.sin(i * 7 + j * 3), z);
      }
    }
    const up = upOfPoints(Float32Array.from(positions), [0, -1, 0]);
    expect(dot(up ?? [0, 0, 0], normal)).toBeGreaterThan(0.999);
    expect(dot(upOfPoints(Float32Array.from(positions), [0, 1, 0]) ?? [0, 0, 0], normal)).toBeLessThan(-0.999);
  });

  it('is found by the floor near to how the photos were held, though walls are larger', () => {
    const positions: number[] = [];
    for (let i = 0; i < 50; i++)
      for (let j = 0; j < 50; j++) {
        const [across, along] = [i / 10 - 2.5, j / 10];
        const noise = 0.01 * Math.sin(i * 7 + j * 3);
        // A floor at y = 0, a wall ahead and one at the side; y is down.
        positions.push(across, noise, along, across, -along, 5 + noise, 2.5 + noise, -along, across + 2.5);
      }
    const held = normalize([0.1, -1, 0.12]);
    const up = upByFloor(Float32Array.from(positions), held);
    expect(dot(up, [0, -1, 0])).toBeGreaterThan(0.9999);
  });

  it('stays as the photos were held where there is no floor', () => {
    const positions = new Float32Array(3 * 3000);
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let i = 0; i < positions.length; i++) positions[i] = random() + random() + random() + random() - 2;
    const held = normalize([0.1, -1, 0.12]);
    expect(upByFloor(positions, held)).toEqual(held);
  });
});

describe('adaptive resolution', () => {
  it('drops while frames are slow and moving, and is full at rest', () => {
    const resolution = new AdaptiveResolution();
    resolution.noteMotion(1000);
    for (let i = 0; i < 3; i++) resolution.noteFrame(60, 1000);
    expect(resolution.scale(1000)).toBeLessThan(1);
    expect(resolution.scale(1000 + REST_MS)).toBe(1);
    expect(resolution.medianFrameMs).toBe(60);
  });

  it('drops at once where a frame takes far too long, to a limit', () => {
    const resolution = new AdaptiveResolution();
    resolution.noteMotion(0);
    resolution.noteFrame(500, 0);
    expect(resolution.scale(0)).toBe(0.75);
    for (let i = 0; i < 20; i++) resolution.noteFrame(500, 0);
    expect(resolution.scale(0)).toBe(0.25);
  });

  it('sharpens again after many fast frames, and learns nothing from a picture at rest', () => {
    const resolution = new AdaptiveResolution();
    resolution.noteFrame(500, 1000);
    resolution.noteMotion(1000);
    expect(resolution.scale(1000)).toBe(1);
    resolution.noteFrame(500, 1000);
    for (let i = 0; i < 20; i++) resolution.noteFrame(16.7, 1000);
    expect(resolution.scale(1000)).toBe(1);
  });
});

describe('colours of the display modes', () => {
  const luminance = ([r, g, b]: Vec3): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

  it('darken with depth all the way, so that they work without colour vision', () => {
    const steps = Array.from({ length: 33 }, (_, i) => luminance(depthColor(i / 32)));
    steps.slice(1).forEach((value, i) => expect(value).toBeLessThan(steps[i] as number));
    expect([...depthTexels(2)]).toEqual([0xfd, 0xe7, 0x25, 255, 0x44, 0x01, 0x54, 255]);
  });

  it('go from red to green with the number of photos, and stay there', () => {
    const [none, many] = [seenColor(0), seenColor(200)];
    expect(none[0]).toBeGreaterThan(none[1] + 0.4);
    expect(many[1]).toBeGreaterThan(many[0] + 0.3);
    expect(many).toEqual(seenColor(5));
  });
});

describe('what the host sends', () => {
  it('decodes points and refuses other bytes', () => {
    const bytes = new ArrayBuffer(4 + 2 * 15);
    new DataView(bytes).setUint32(0, 2, true);
    new DataView(bytes).setFloat32(4 + 12, 7.5, true);
    new Uint8Array(bytes).set([1, 2, 3, 4, 5, 6], 28);
    const points = decodePoints(bytes);
    expect(points?.count).toBe(2);
    expect(points?.positions[3]).toBe(7.5);
    expect([...(points?.colors ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(decodePoints(bytes.slice(0, 20))).toBeNull();
    expect(decodePoints(new ArrayBuffer(2))).toBeNull();
  });

  it('draws photos with a camera that are part of the run', () => {
    const camera = {
      fx: 1,
      fy: 1,
      cx: 0,
      cy: 0,
      width: 2,
      height: 2,
      rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      translation: [0, 0, 0] as Vec3,
    };
    const photo = { id: 'a', name: 'a', camera, thumbnailUrl: null, pictureUrl: null, role: 'held-out' } as never;
    const without = { ...(photo as object), camera: null } as never;
    const left = { ...(photo as object), role: 'left-out' } as never;
    expect(viewerPhotos([photo, without, left])).toMatchObject([{ id: 'a', isHeldOut: true }]);
  });
});

describe('lengths as people write them', () => {
  it.each([
    ['1.20', 1.2],
    ['1,20', 1.2],
    ['  35 cm ', 0.35],
    ['.5m', 0.5],
    ['2 km', 2000],
    ['12MM', 0.012],
  ])('reads %s', (text, metres) => {
    expect(parseMetres(text)).toBeCloseTo(metres);
  });

  it.each(['', 'abc', '-1', '0', '1.2.3', '1 ft'])('refuses %s', (text) => {
    expect(parseMetres(text)).toBeNull();
  });
});
