/** Points of sensors in the viewer: their colours, their places, and which one is under the pointer, against values by hand. */
import { describe, expect, it } from 'vitest';
import type { Sensor } from '../../electron/ipc/contract.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { decodeResiduals } from '../../renderer/panels/sensors/cloud-feed.js';
import type { CloudPicture, DrawRequest } from '../../renderer/panels/sensors/draw-clouds.js';
import { drawClouds, drawnPositions } from '../../renderer/panels/sensors/draw-clouds.js';
import { colorsOfValues, heightsOf, rangeOf } from '../../renderer/viewer/cloud-colors.js';
import { pickCloudPoint } from '../../renderer/viewer/cloud-picking.js';

const points = (changes: Partial<SensorPoints> = {}): SensorPoints => ({
  count: 2,
  origin: [0, 0, 100],
  positions: Float32Array.of(1, 2, 3, 4, 5, 6),
  colors: null,
  fields: new Map(),
  frame: { unit: 'metre', upAxis: 'z', crs: null },
  ...changes,
});

function sensor(changes: Partial<Sensor> = {}, facts: Partial<NonNullable<Sensor['facts']>> = {}): Sensor {
  return {
    id: 's',
    name: 's.las',
    shownPath: 's.las',
    kind: 'lidar',
    status: 'ready',
    fraction: 1,
    problem: null,
    isUsed: true,
    facts: {
      variant: 'LAS',
      points: 2,
      leftOut: 0,
      drawn: 2,
      bounds: null,
      hasColors: false,
      fields: [],
      unit: 'metre',
      upAxis: 'z',
      crs: null,
      warnings: [],
      ...facts,
    },
    chosenUnit: null,
    chosenUpAxis: null,
    isCalibrated: false,
    placement: null,
    registration: null,
    pictureUrl: '/media/cloud/s/1',
    ...changes,
  };
}

const UP: Vec3 = [0, -1, 0];
const request = (pictures: readonly CloudPicture[], changes: Partial<DrawRequest> = {}): DrawRequest => ({
  pictures,
  residuals: null,
  wanted: null,
  frame: { up: UP, metresPerUnit: null },
  isMetric: false,
  ...changes,
});
const rounded = (values: ArrayLike<number>): number[] =>
  Array.from(values, (value) => Math.round(value * 1000) / 1000 || 0);
const placed = (scale: number): Sensor['placement'] => ({
  worldFromSensor: { scale, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, -200] },
  by: 'picks',
  errors: [],
});

describe('colours', () => {
  it('span the 2nd to the 98th percentile; signed ones lie about zero; what has no value is grey', () => {
    const values = Float32Array.from({ length: 101 }, (_, i) => i);
    values[0] = -1e9;
    expect(rangeOf([values], false)).toEqual({ low: 2, high: 98, isSigned: false });
    expect(rangeOf([Float32Array.of(-1, 3)], true)).toEqual({ low: -3, high: 3, isSigned: true });
    expect(rangeOf([Float32Array.of(NaN, Infinity)], false)).toBeNull();
    expect(rangeOf([Float32Array.of(5, 5)], false)).toEqual({ low: 5, high: 6, isSigned: false });
  });

  it('rise in brightness with the value, and are pale at zero where they are signed', () => {
    const brightness = (colors: Uint8Array, i: number): number =>
      colors[3 * i]! + colors[3 * i + 1]! + colors[3 * i + 2]!;
    const rising = colorsOfValues([0, 0.5, 1, NaN, 9], { low: 0, high: 1, isSigned: false });
    expect(brightness(rising, 0)).toBeLessThan(brightness(rising, 1));
    expect(brightness(rising, 1)).toBeLessThan(brightness(rising, 2));
    expect([...rising.subarray(12, 15)]).toEqual([...rising.subarray(6, 9)]);
    const grey = rising.subarray(9, 12);
    expect(Math.max(...grey) - Math.min(...grey)).toBeLessThan(20);
    const signed = colorsOfValues([-1, 0, 1], { low: -1, high: 1, isSigned: true });
    expect(signed[2]).toBeGreaterThan(signed[0]!);
    expect(signed[6]).toBeGreaterThan(signed[8]!);
    expect(brightness(signed, 1)).toBeGreaterThan(Math.max(brightness(signed, 0), brightness(signed, 2)));
  });

  it('of height are coordinates along up', () => {
    expect([...heightsOf(Float32Array.of(1, 2, 3, 4, 5, 6), [0, -1, 0], 10)]).toEqual([8, 5]);
  });
});

describe('where clouds are drawn', () => {
  it('in the scene where they are placed, with their origin', () => {
    const picture = { sensor: sensor({ placement: placed(2) }), points: points() };
    // 2·(1, 2, 103) + (0, 0, −200)
    expect(rounded(drawnPositions(picture, { up: UP, metresPerUnit: null }))).toEqual([2, 4, 6, 8, 10, 12]);
  });

  it('upright in a frame of their own where up is known: z of the cloud is up in the scene', () => {
    const positions = drawnPositions({ sensor: sensor(), points: points() }, { up: UP, metresPerUnit: null });
    for (const [i, z] of [3, 6].entries()) expect(-positions[3 * i + 1]!).toBeCloseTo(z, 5);
    const length = Math.hypot(positions[0]!, positions[1]!, positions[2]!);
    expect(length).toBeCloseTo(Math.hypot(1, 2, 3), 5);
  });

  it('as they are where nobody knows what is up; the same array until something changes', () => {
    const cloud = points();
    const unknown = { sensor: sensor({}, { upAxis: 'unknown' }), points: cloud };
    const frame = { up: UP, metresPerUnit: null };
    expect(drawnPositions(unknown, frame)).toBe(drawnPositions(unknown, { ...frame }));
    expect(rounded(drawnPositions(unknown, frame))).toEqual([1, 2, 3, 4, 5, 6]);
    const said = { sensor: sensor({ chosenUpAxis: 'z' }, { upAxis: 'unknown' }), points: cloud };
    expect(rounded(drawnPositions(said, frame))).not.toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('what they are coloured by', () => {
  it('is offered only where there is something to colour by, and nothing is guessed', () => {
    const unknown = { sensor: sensor({}, { upAxis: 'unknown' }), points: points() };
    expect(drawClouds(request([unknown]))).toMatchObject({ available: [], colouring: null, legend: null });
    const fields = new Map([
      ['compensatedRadialSpeed', Float32Array.of(-2, 1)],
      ['rcs', Float32Array.of(0, 10)],
    ]);
    const radar = { sensor: sensor({ kind: 'radar' }), points: points({ fields, colors: new Uint8Array(6) }) };
    expect(drawClouds(request([radar])).available).toEqual(['own', 'height', 'velocity', 'rcs']);
    expect(drawClouds(request([radar], { wanted: 'velocity' })).legend).toEqual({
      colouring: 'velocity',
      unit: 'speed',
      range: { low: -2, high: 2, isSigned: true },
    });
  });

  it('heights carry their unit: the cloud’s own, or metres of a scene whose scale is known', () => {
    const own = { sensor: sensor({}, { unit: 'foot' }), points: points() };
    expect(drawClouds(request([own], { wanted: 'height' })).legend).toMatchObject({
      unit: 'foot',
      range: { low: 103, high: 106 },
    });
    const inScene = { sensor: sensor({ placement: placed(1) }), points: points() };
    expect(drawClouds(request([inScene], { wanted: 'height' })).legend).toMatchObject({
      unit: 'scene',
      range: { low: -5, high: -2 },
    });
    const frame = { up: UP, metresPerUnit: 2 };
    expect(drawClouds(request([inScene], { wanted: 'height', frame })).legend).toMatchObject({
      unit: 'metre',
      range: { low: -10, high: -4 },
    });
    // Two frames of their own have no common zero.
    expect(drawClouds(request([own, { ...own, points: points() }], { wanted: 'height' })).legend?.range).toBeNull();
  });

  it('residuals are drawn at the points that they are of', () => {
    const residuals = decodeResiduals(Float32Array.of(1, 2, 3, -0.5, 4, 5, 6, 0.25).buffer);
    const drawn = drawClouds(
      request([{ sensor: sensor(), points: points() }], { residuals, wanted: 'residual', isMetric: true }),
    );
    expect(drawn.clouds.map(({ id, positions }) => [id, ...positions])).toEqual([['residuals', 1, 2, 3, 4, 5, 6]]);
    expect(drawn.legend).toEqual({
      colouring: 'residual',
      unit: 'metre',
      range: { low: -0.5, high: 0.5, isSigned: true },
    });
    expect(decodeResiduals(new ArrayBuffer(17))).toBeNull();
  });
});

describe('the point under the pointer', () => {
  const view = {
    pose: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], position: [0, 0, 0], fovYRad: 1 },
    camera: { fx: 100, fy: 100, cx: 50, cy: 50, width: 100, height: 100 },
  } as unknown as Parameters<typeof pickCloudPoint>[1];
  const cloud = (id: string, ...positions: number[]) => ({
    id,
    positions: Float32Array.from(positions),
    colors: new Uint8Array(positions.length),
    isPlaced: true,
  });

  it('is the nearer one of two on one ray, of any cloud', () => {
    const picked = pickCloudPoint([cloud('far', 0, 0, 9, 0, 0, 8), cloud('near', 0.01, 0, 2)], view, 50, 50);
    expect(picked).toMatchObject({ cloudId: 'near', index: 0 });
  });

  it('is none beside, behind, or where there is nothing', () => {
    expect(pickCloudPoint([cloud('a', 1, 0, 2, 0, 0, -2, NaN, 0, 2)], view, 50, 50)).toBeNull();
    expect(pickCloudPoint([], view, 50, 50)).toBeNull();
    expect(pickCloudPoint([cloud('a', 0.1, 0, 2)], view, 50, 50)?.index).toBe(0);
  });
});
