import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { KNOWN_CAMERAS, KNOWN_CAPTURES, KNOWN_INTRINSICS, llffRows } from '../fixtures/captures/known-cameras.js';
import { encodeNpy } from '../fixtures/captures/encode-formats.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

function expectClose(actual: RigidTransform, expected: RigidTransform): void {
  actual.rotation.forEach((value, i) => expect(value).toBeCloseTo(expected.rotation[i] as number, 12));
  actual.translation.forEach((value, i) => expect(value).toBeCloseTo(expected.translation[i] as number, 12));
}

describe('one set of cameras, worked by hand, through every importer', () => {
  for (const [format, capture] of Object.entries(KNOWN_CAPTURES))
    it(`${format} gives the same cameraFromWorld`, async () => {
      const { views, warnings, format: found } = await importCapture(memoryCapture(capture()));
      expect(found).toBe(format);
      expect(warnings).toEqual([]);
      expect(views.map(({ name }) => name)).toEqual(['a.png', 'b.png', 'c.png']);
      views.forEach((view, i) => {
        const known = KNOWN_CAMERAS[i] as (typeof KNOWN_CAMERAS)[number];
        expectClose(view.camera.cameraFromWorld, known.cameraFromWorld);
        cameraCentre(view.camera.cameraFromWorld).forEach((value, axis) =>
          expect(value).toBeCloseTo(known.centre[axis] as number, 12),
        );
        // Two units ahead, one to the right, half a unit up: seen right of and above the centre.
        const point = known.centre.map(
          (c, axis) =>
            c +
            2 * (known.forward[axis] as number) +
            (known.right[axis] as number) -
            0.5 * (known.down[axis] as number),
        ) as [number, number, number];
        const [x, y, z] = transformPoint(view.camera.cameraFromWorld, point);
        expect(z).toBeCloseTo(2, 12);
        expect([32 + (100 * x) / z, 24 + (100 * y) / z].map((value) => Number(value.toFixed(9)))).toEqual([82, -1]);
        const stated = format === 'middlebury' ? { ...KNOWN_INTRINSICS, width: 0, height: 0 } : KNOWN_INTRINSICS;
        expect(view.camera.intrinsics).toEqual(stated);
        expect(view.distortion).toBeNull();
      });
    });

  it('reads 15-column LLFF files and Fortran order alike', async () => {
    const rows = llffRows(15);
    const transposed = Array.from({ length: 15 }, (_, column) => rows.map((row) => row[column] as number)).flat();
    const photos = Object.fromEntries(KNOWN_CAMERAS.map(({ name }) => [`images_4/${name}`, '']));
    const npy = encodeNpy([3, 15], transposed, { fortranOrder: true });
    const { views } = await importCapture(memoryCapture({ 'poses_bounds.npy': npy, ...photos }));
    views.forEach((view, i) =>
      expectClose(view.camera.cameraFromWorld, (KNOWN_CAMERAS[i] as (typeof KNOWN_CAMERAS)[number]).cameraFromWorld),
    );
  });
});
