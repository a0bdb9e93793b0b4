/** The same scene comes out whatever order the photos come in. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openCapture } from '../../host/run/capture-input.js';
import { openEngine } from '../../host/run/compose.js';
import { readTestNames } from '../../cli/sample-capture.js';
import { renderOptionsOf } from '../../host/run/score-views.js';
import { computePsnr } from '../../engine/metrics/psnr.js';
import { reconstruct } from '../../engine/pipeline/reconstruct.js';
import type { View } from '../../engine/scene/view.js';

const CAPTURE = fileURLToPath(new URL('../../assets/sample', import.meta.url));
/** Two results count as the same when their pictures of an unseen view differ by less than 8-bit rounding would show. */
const SAME_DB = 50;

it('reconstructs the same from photos in any order', async () => {
  const capture = await openCapture(CAPTURE);
  const testNames = await readTestNames(CAPTURE);
  const size = { width: 240 };
  const { views } = await capture.load(
    capture.views.filter((view) => !testNames.has(view.name)),
    size,
  );
  const unseen = await capture.load(
    capture.views.filter((view) => testNames.has(view.name)),
    size,
  );
  const camera = unseen.views[0]!.camera;

  const draw = async (ordered: readonly View[]): Promise<Float32Array> => {
    const engine = await openEngine('auto', 2);
    try {
      const { splats } = await reconstruct({
        views: ordered,
        preset: 'draft',
        iterations: 60,
        seed: 7,
        splatting: engine.splatting,
        stereo: await engine.openStereo(),
        depthNetwork: null,
        memoryBudgetBytes: 2 ** 30,
        onEvent: () => undefined,
      });
      const scene = await engine.splatting.createScene(splats, null);
      return (await engine.splatting.render(scene, camera, renderOptionsOf(splats))).color;
    } finally {
      await engine.dispose();
    }
  };
  const sorted = await draw(views);
  const others = [[...views].reverse(), [2, 0, 4, 1, 3].map((i) => views[i]!)];
  for (const order of others) expect(computePsnr(await draw(order), sorted)).toBeGreaterThan(SAME_DB);
});
