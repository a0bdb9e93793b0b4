import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDepthNetwork } from '../../native-models/depth/onnx-depth.js';
import { findDepthNetworkEntry } from '../../native-models/manifest.js';
import { field, message, model, value } from '../fixtures/onnx-file.js';

/** An ONNX model that answers with the mean of the three channels, halved in size by `stride` 2: ReduceMean, then AveragePool. */
function tinyNetwork(stride: 1 | 2): Buffer {
  const ints = (name: string, values: number[]): Buffer =>
    field(5, message(field(1, name), ...values.map((v) => field(8, v)), field(20, 7)));
  const mean = message(
    field(1, 'pixel_values'),
    field(2, 'grey'),
    field(4, 'ReduceMean'),
    ints('axes', [1]),
    field(5, message(field(1, 'keepdims'), field(3, 1), field(20, 2))),
  );
  const pool = message(
    field(1, 'grey'),
    field(2, 'predicted_depth'),
    field(4, 'AveragePool'),
    ints('kernel_shape', [stride, stride]),
    ints('strides', [stride, stride]),
  );
  const graph = message(
    field(1, mean),
    field(1, pool),
    field(2, 'tiny'),
    field(11, value('pixel_values', ['batch', 3, 'height', 'width'])),
    field(12, value('predicted_depth', ['batch', 1, 'h', 'w'])),
  );
  return model(graph);
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-tiny-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const width = 90;
const height = 60;
const grey = (x: number, y: number): number => 0.2 + 0.005 * x + 0.002 * y;
const image = {
  width,
  height,
  data: Float32Array.from({ length: width * height * 3 }, (_, i) =>
    grey(Math.floor(i / 3) % width, Math.floor(i / 3 / width)),
  ),
};
/** What the tiny network says of a grey: the mean over ImageNet-normalised channels. */
const normalised = (value: number): number =>
  ((value - 0.485) / 0.229 + (value - 0.456) / 0.224 + (value - 0.406) / 0.225) / 3;

describe('a network of free input size', () => {
  it.each([1, 2] as const)('answers a ramp with the same ramp, not shifted (stride %d)', async (stride) => {
    const bytes = tinyNetwork(stride);
    const fileName = `tiny-${stride}.onnx`;
    await writeFile(join(folder, fileName), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const base = findDepthNetworkEntry('depth-anything-v2-small')!;
    const entry = { ...base, name: 'tiny', fileName, bytes: bytes.length, sha256 };
    const network = await openDepthNetwork('tiny', { threads: 1, folder, networks: [entry] });
    expect(network).toMatchObject({ name: 'tiny', outputKind: 'inverse-depth', warnings: [] });
    const answer = await network.estimate(image);
    expect(answer.length).toBe(width * height);
    for (let y = 3; y < height - 3; y++) {
      for (let x = 3; x < width - 3; x++) {
        // A shift by half a pixel of the photo would change the answer by 0.011.
        expect(Math.abs(answer[y * width + x]! - normalised(grey(x, y)))).toBeLessThan(0.002);
      }
    }
    await network.dispose();
  });

  it('runs without an entry in the manifest, and says what it guessed', async () => {
    const path = join(folder, 'unknown.onnx');
    await writeFile(path, tinyNetwork(2));
    const network = await openDepthNetwork(path, { threads: 1, folder });
    expect(network.outputKind).toBe('inverse-depth');
    expect(network.warnings.join(' ')).toMatch(/unknown\.onnx is not a network we know.*multiples of 224/);
    const answer = await network.estimate(image);
    expect(answer[30 * width + 45]).toBeCloseTo(normalised(grey(45, 30)), 2);
    await expect(network.estimate(image, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    await network.dispose();
  });
});
