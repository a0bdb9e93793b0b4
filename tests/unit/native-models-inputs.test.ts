import { describe, expect, it } from 'vitest';
import { inferNetworkSettings } from '../../native-models/depth/infer-settings.js';
import { chooseInputSize, prepareNetworkInput } from '../../native-models/depth/prepare-input.js';
import { resampleImage } from '../../native-models/depth/resample-image.js';
import { DEPTH_NETWORKS, findDepthNetworkEntry } from '../../native-models/manifest.js';

describe('the manifest', () => {
  it('pins every network by content, once, under an open licence', () => {
    for (const key of ['name', 'fileName', 'sha256'] as const) {
      expect(new Set(DEPTH_NETWORKS.map((entry) => entry[key])).size).toBe(DEPTH_NETWORKS.length);
    }
    for (const entry of DEPTH_NETWORKS) {
      expect(entry.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(entry.fileName).toMatch(/^[\w.-]+\.onnx$/);
      expect(entry.licence).toMatch(/^(Apache-2\.0|MIT|MIT AND Apache-2\.0)$/);
      if (entry.url !== null) expect(new URL(entry.url).protocol).toBe('https:');
      expect(entry.std.every((value) => value > 0)).toBe(true);
    }
  });
});

describe('resampling', () => {
  const row = (values: number[]) => ({
    data: Float32Array.from(values),
    size: { width: values.length, height: 1, channels: 1 },
  });
  const resize = (values: number[], width: number, kernel: 'bilinear' | 'bicubic') => {
    const { data, size } = row(values);
    return [...resampleImage(data, size, { width, height: 1 }, kernel)];
  };

  it('keeps pixel centres: doubling a row, by hand', () => {
    // Centres of the new pixels lie at -0.25, 0.25, 0.75, 1.25 of the old ones; beyond the border the last value holds.
    expect(resize([0, 4], 4, 'bilinear')).toEqual([0, 1, 3, 4]);
  });

  it('averages when shrinking', () => {
    // Factor 2: triangle of radius 2 around 0.5: pixels 0..2 (-1 is outside) weigh 0.75, 0.75, 0.25.
    const [first] = resize([1, 2, 3, 10], 2, 'bilinear');
    expect(first).toBeCloseTo((0.75 * 1 + 0.75 * 2 + 0.25 * 3) / 1.75, 6);
  });

  it('reproduces straight lines away from the border, and constants everywhere', () => {
    const line = Array.from({ length: 20 }, (_, i) => 3 * i + 1);
    for (const kernel of ['bilinear', 'bicubic'] as const) {
      for (const width of [7, 13, 20, 41]) {
        const out = resize(line, width, kernel);
        for (let i = Math.ceil(width / 4); i < width - width / 4; i++) {
          // Shrinking by a fraction samples the stretched kernel unevenly: a few percent of a pixel.
          const tolerance = width < 20 ? 0.2 : 1e-4;
          expect(Math.abs(out[i]! - (3 * (((i + 0.5) * 20) / width - 0.5) + 1))).toBeLessThan(tolerance);
        }
        for (const value of resize(
          line.map(() => 0.7),
          width,
          kernel,
        ))
          expect(value).toBeCloseTo(0.7, 6);
      }
    }
    // New pixel 6 lies at 2.75, three quarters from the one: 1.5 · 0.75³ − 2.5 · 0.75² + 1.
    expect(resize([0, 0, 1, 0, 0, 0], 12, 'bicubic')[6]).toBeCloseTo(0.2265625, 6);
  });

  it('does rows, columns and channels alike', () => {
    const data = Float32Array.from([0, 100, 4, 104, 8, 108, 12, 112]); // 2 × 2, two channels
    const out = resampleImage(data, { width: 2, height: 2, channels: 2 }, { width: 4, height: 4 }, 'bilinear');
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 4; x++) {
        const expected = 4 * [0, 0.25, 0.75, 1][x]! + 8 * [0, 0.25, 0.75, 1][y]!;
        expect(out[(y * 4 + x) * 2]).toBeCloseTo(expected, 5);
        expect(out[(y * 4 + x) * 2 + 1]).toBeCloseTo(100 + expected, 4);
      }
    }
    expect(() =>
      resampleImage(data, { width: 3, height: 2, channels: 2 }, { width: 4, height: 4 }, 'bilinear'),
    ).toThrow(/disagree/);
    expect(() =>
      resampleImage(data, { width: 2, height: 2, channels: 2 }, { width: 0, height: 4 }, 'bilinear'),
    ).toThrow(/side/);
  });
});

describe('a network’s input', () => {
  it('has the size that the rule asks for', () => {
    const rule = findDepthNetworkEntry('depth-anything-v2-small')!.input;
    // 504 × 378: scale 518 / 378 gives 690.7 × 518, in multiples of 14 686 × 518 (49.3 and 37).
    expect(chooseInputSize(rule, { width: 504, height: 378 })).toEqual({ width: 686, height: 518 });
    expect(chooseInputSize(rule, { width: 378, height: 504 })).toEqual({ width: 518, height: 686 });
    // A strip is bounded on its long side and keeps at least one patch on the short one.
    expect(chooseInputSize(rule, { width: 10000, height: 10 })).toEqual({ width: 1022, height: 14 });
    expect(chooseInputSize({ kind: 'fixed', width: 8, height: 4 }, { width: 3, height: 5 })).toEqual({
      width: 8,
      height: 4,
    });
  });

  it('is planar and normalised, and broken pixels do not spread', () => {
    const settings = {
      ...findDepthNetworkEntry('midas-v2.1-small')!,
      input: { kind: 'fixed', width: 2, height: 1 },
    } as const;
    const image = { width: 2, height: 1, data: Float32Array.from([1, 0.5, 0, 0.25, NaN, 0.75]) };
    const { data } = prepareNetworkInput(image, settings);
    const expected = [
      (1 - 0.485) / 0.229,
      (0.25 - 0.485) / 0.229,
      (0.5 - 0.456) / 0.224,
      -0.456 / 0.224,
      -0.406 / 0.225,
      (0.75 - 0.406) / 0.225,
    ];
    expected.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5));
  });
});

describe('a network that the manifest does not know', () => {
  const image = { name: 'x', type: 'float32', shape: [1, 3, 240, 320] };
  const map = { name: 'y', type: 'float32', shape: [1, 'h', 'w'] };

  it('is run as its shape says, and the guesses are told', () => {
    const fixed = inferNetworkSettings([image], [map], 'some/net.onnx');
    expect(fixed.settings).toMatchObject({
      input: { kind: 'fixed', width: 320, height: 240 },
      outputName: 'y',
      outputKind: 'inverse-depth',
    });
    expect(fixed.warnings.join(' ')).toMatch(/320 × 240/);
    expect(fixed.warnings.join(' ')).toMatch(/inverse depth/);
    const free = inferNetworkSettings([{ ...image, shape: ['batch', 3, 'height', 'width'] }], [map], 'metric/net.onnx');
    expect(free.settings.input).toMatchObject({ kind: 'multiple-of', multiple: 224 });
    expect(free.settings.outputKind).toBe('inverse-depth');
    expect(inferNetworkSettings([image], [map], 'a/Metric-net.onnx').settings.outputKind).toBe('metric-depth');
  });

  it.each([
    ['two inputs', [image, image], [map], /2 inputs/],
    ['no input', [], [map], /0 inputs/],
    ['half precision', [{ ...image, type: 'float16' }], [map], /float16/],
    ['channels last', [{ ...image, shape: [1, 240, 320, 3] }], [map], /1, 240, 320, 3/],
    ['a batch of four', [{ ...image, shape: [4, 3, 240, 320] }], [map], /4, 3/],
    ['a huge photo', [{ ...image, shape: [1, 3, 1e6, 1e6] }], [map], /1000000/],
    ['a descriptor network', [image], [{ ...map, shape: [1, 64, 80, 80] }], /64, 80, 80/],
    ['scores beside descriptors', [image], [{ ...map, shape: [1, 64, 80, 80] }, map], /64, 80, 80/],
    ['a classifier', [image], [{ ...map, shape: [1, 1000] }], /1, 1000/],
    ['whole numbers', [image], [{ ...map, type: 'int64' }], /None of its outputs/],
  ])('is refused when it is no depth network: %s', (_, inputs, outputs, message) => {
    const run = () => inferNetworkSettings(inputs, outputs, 'net.onnx');
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ name: 'ImportError', code: 'unsupported' }) as Error);
  });

  it('is taken by the output that is called depth, wherever that stands', () => {
    const confidence = { ...map, name: 'confidence', shape: [1, 2, 'h', 'w'] };
    const named = inferNetworkSettings([image], [confidence, { ...map, name: 'predicted_depth' }], 'net.onnx');
    expect(named.settings.outputName).toBe('predicted_depth');
  });
});
