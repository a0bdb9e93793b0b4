/** Readable text through our file format, in our own rendering and in another reader's. */
import { GaussianSplatPLYLoader } from 'three/examples/jsm/loaders/GaussianSplatPLYLoader.js';
import { expect, it } from 'vitest';
import { readSplatPly } from '../../engine/formats/read-splat-ply.js';
import { writeSplatPly } from '../../engine/formats/write-splat-ply.js';
import { DEFAULT_DILATION } from '../../engine/splatting/contract.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { paintCovariances } from '../fixtures/paint-covariances.js';
import { createTextScene, detectOrientation, scoreOrientations } from '../fixtures/text-scene.js';

const { splats, camera, layout } = createTextScene();
const { width, height } = camera.intrinsics;
const { bytes } = writeSplatPly(splats, { generator: 'Test' });

it('our rendering of our file: neither mirrored nor upside down', async () => {
  const backend = createReferenceBackend();
  const scene = await backend.createScene(readSplatPly(bytes, 'text.ply').splats, null);
  const options = { background: [0, 0, 0], shDegree: 0, dilation: DEFAULT_DILATION } as const;
  const { color } = await backend.render(scene, camera, options);
  await backend.dispose();
  expect(detectOrientation({ width, height, data: color }, layout)).toBe('as-expected');
});

it("three's reading of our file, drawn by an independent painter: the same", () => {
  const geometry = new GaussianSplatPLYLoader().parse(bytes.buffer);
  const picture = paintCovariances(
    {
      centres: geometry.getAttribute('position').array,
      covariances: geometry.getAttribute('covariance').array,
      colours: geometry.getAttribute('color').array,
    },
    camera,
  );
  expect(detectOrientation({ width, height, data: picture }, layout)).toBe('as-expected');
  expect(scoreOrientations({ width, height, data: picture }, layout)['as-expected']).toBeGreaterThan(0.9);
});
