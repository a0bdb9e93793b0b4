import { describe, expect, it } from 'vitest';
import type { ImageGradients, SplatGradients, SplattingBackend } from '../../engine/splatting/contract.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import { createNoise } from '../fixtures/random-splats.js';
import { complainOfCamera } from './paired-run.js';
import { createParityCases } from './scenes.js';
import { GRADIENT, RENDER, RENDER_WORST, scaled } from './tolerances.js';

/** Makes the backend under test; called once per describe block. */
export type BackendUnderTest = () => SplattingBackend;

const GRADIENT_KINDS: readonly (keyof SplatGradients)[] = [
  'gradMeans',
  'gradQuats',
  'gradLogScales',
  'gradRawOpacities',
  'gradShCoeffs',
];

/** Rendered images and their vector–Jacobian products, over random scenes and hard ones. */
export function describeRenderParity(name: string, backendUnderTest: BackendUnderTest): void {
  describe.each(createParityCases())(`${name} against reference: $name`, ({ camera, splats, options }) => {
    const { width, height } = camera.intrinsics;

    it.each(['color', 'depth', 'alpha'] as const)('render: %s', async (image) => {
      const [tested, reference] = [backendUnderTest(), createReferenceBackend()];
      const scenes = [await tested.createScene(splats, null), await reference.createScene(splats, null)] as const;
      const actual = (await tested.render(scenes[0], camera, options))[image];
      const expected = (await reference.render(scenes[1], camera, options))[image];
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      assertArraysAgree(image, actual, expected, { ...RENDER, absolute: RENDER.absolute * largest });
      expected.forEach((value, i) => {
        expect(Math.abs((actual[i] as number) - value)).toBeLessThan(RENDER_WORST * largest);
      });
      await tested.releaseScene(scenes[0]);
    });

    const upstreams: [string, ImageGradients][] = [
      [
        'all images',
        {
          gradColor: createNoise(width * height * 3, 41),
          gradDepth: createNoise(width * height, 42),
          gradAlpha: createNoise(width * height, 43),
        },
      ],
      [
        'depth alone',
        {
          gradColor: new Float32Array(width * height * 3),
          gradDepth: createNoise(width * height, 44),
          gradAlpha: new Float32Array(width * height),
        },
      ],
      [
        'alpha alone, of one sign',
        {
          gradColor: new Float32Array(width * height * 3),
          gradDepth: new Float32Array(width * height),
          gradAlpha: createNoise(width * height, 45, 0, 1),
        },
      ],
    ];
    it.each(upstreams)('backpropagate: %s', async (_, upstream) => {
      const [tested, reference] = [backendUnderTest(), createReferenceBackend()];
      const scenes = [await tested.createScene(splats, null), await reference.createScene(splats, null)] as const;
      const actual = await tested.backpropagate(scenes[0], camera, options, upstream);
      const expected = await reference.backpropagate(scenes[1], camera, options, upstream);
      const complaints: string[] = [];
      for (const kind of GRADIENT_KINDS) {
        try {
          assertArraysAgree(kind, actual[kind], expected[kind], scaled(GRADIENT, expected[kind]));
        } catch (error) {
          complaints.push((error as Error).message);
        }
      }
      complaints.push(...complainOfCamera(actual.gradCamera, expected.gradCamera));
      expect(complaints).toEqual([]);
      await tested.releaseScene(scenes[0]);
    });
  });
}
