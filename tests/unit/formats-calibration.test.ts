import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCalibration } from '../../engine/formats/read-calibration.js';
import type { CalibrationOptions } from '../../engine/formats/read-calibration.js';
import { createRandom } from '../../engine/math/random.js';
import { determinant, multiplyMat, transformPoint, transposeMat } from '../../engine/math/rigid-transform.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { SensorPlacement, SensorRig } from '../../engine/scene/sensor-rig.js';
import { findPlacement, mergeRigs } from '../../engine/scene/sensor-rig.js';
import { KNOWN_CALIBRATIONS, KNOWN_CAMERA, KNOWN_PIXEL, KNOWN_POINT } from '../fixtures/known-calibrations.js';

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));

function read(text: string, options: CalibrationOptions = {}): SensorRig {
  return readCalibration(new TextEncoder().encode(text), 'calib', options);
}

function refusal(text: string, options: CalibrationOptions = {}): ImportError {
  try {
    read(text, options);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const textOf = (name: string): string =>
  new TextDecoder().decode(KNOWN_CALIBRATIONS.find((calibration) => calibration.name === name)?.bytes);

describe('one camera, known by hand, in every calibration format', () => {
  it.each(KNOWN_CALIBRATIONS)('$name puts the known point where it is', ({ bytes }) => {
    const { lidar, radar } = readCalibration(bytes, 'calib');
    expect([lidar.length, radar.length]).toEqual([1, 0]);
    const { cameraFromSensor, intrinsics } = lidar[0] as SensorPlacement;
    const { fx, fy, cx, cy } = intrinsics ?? KNOWN_CAMERA;
    expect([fx, fy, cx, cy]).toEqual([500, 400, 320, 240]);
    const [x, y, z] = transformPoint(cameraFromSensor, KNOWN_POINT);
    expect(z).toBeCloseTo(KNOWN_PIXEL.depth, 9);
    expect((fx * x) / z + cx).toBeCloseTo(KNOWN_PIXEL.u, 9);
    expect((fy * y) / z + cy).toBeCloseTo(KNOWN_PIXEL.v, 9);
  });

  it('takes another camera of calib.txt, and the radar, when told so', () => {
    const rig = read(textOf('calib.txt'), { camera: 'P0', sensor: 'radar' });
    expect([rig.lidar.length, rig.radar.length]).toEqual([0, 1]);
    // P0 has no offset: the point is 0.5 m farther right than in camera 2.
    const [x] = transformPoint((rig.radar[0] as SensorPlacement).cameraFromSensor, KNOWN_POINT);
    expect(x).toBeCloseTo(1.25, 9);
  });

  it('keeps the size that a file states, and says 0 where it states none', () => {
    const sizeOf = (name: string): unknown => {
      const intrinsics = read(textOf(name)).lidar[0]?.intrinsics;
      return [intrinsics?.width, intrinsics?.height];
    };
    expect(sizeOf('calib.txt')).toEqual([0, 0]);
    expect(sizeOf('images JSON with lidar2cam')).toEqual([640, 480]);
    expect(sizeOf('our JSON, matrix')).toEqual([640, 480]);
  });

  it('takes KITTI tracking’s spelling, without colons', () => {
    const respelled = textOf('calib.txt')
      .replace('R0_rect:', 'R_rect')
      .replace('Tr_velo_to_cam:', 'Tr_velo_cam')
      .replaceAll('\n', '\r\n');
    expect(read(respelled)).toEqual(read(textOf('calib.txt')));
  });
});

describe('which placement is for which photo', () => {
  const placement = (photo: string | null, channel: string | null): SensorPlacement => ({
    photo,
    channel,
    intrinsics: null,
    cameraFromSensor: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] },
  });
  const front = placement('s__CAM_FRONT__12.jpg', 'CAM_FRONT');
  const left = placement('s__CAM_FRONT_LEFT__13.jpg', 'CAM_FRONT_LEFT');
  const every = placement(null, null);

  it('goes by the name, whatever folder, case and extension', () => {
    expect(findPlacement([left, front], 'photos/S__CAM_front__12.PNG')).toEqual({ placement: front, by: 'photo' });
  });

  it('goes by the camera’s name as a whole word', () => {
    expect(findPlacement([front, left], 'x__CAM_FRONT_LEFT__99.jpg')).toEqual({ placement: left, by: 'channel' });
    expect(findPlacement([front, left], 'CAM_FRONT_99.jpg')).toEqual({ placement: front, by: 'channel' });
    expect(findPlacement([front], 'x__CAM_FRONT_LEFT__99.jpg')).toBeNull();
    expect(findPlacement([front], 'XCAM_FRONT.jpg')).toBeNull();
  });

  it('falls back to one for every photo, and else to none', () => {
    expect(findPlacement([front, every], 'other.jpg')).toEqual({ placement: every, by: 'every' });
    expect(findPlacement([front], 'other.jpg')).toBeNull();
    const merged = mergeRigs([
      { lidar: [front], radar: [], warnings: ['a'] },
      { lidar: [every], radar: [left], warnings: [] },
    ]);
    expect(merged).toEqual({ lidar: [front, every], radar: [left], warnings: ['a'] });
  });
});

describe('a wrong calibration', () => {
  const kitti = textOf('calib.txt');
  const own = textOf('our JSON, matrix');
  const images = textOf('images JSON with lidar2cam');

  it.each([
    ['an empty file', '', 'truncated', ''],
    ['a picture', '\x89PNG\0\0', 'unsupported', ''],
    ['prose', 'The camera is over there.', 'unsupported', ''],
    ['one matrix alone', '721.5 0.0 609.5 44.8\n0.0 721.5 172.8 0.2\n0.0 0.0 1.0 0.0', 'unsupported', ''],
    ['other JSON', '{"frames": []}', 'unsupported', ''],
    ['cut JSON', own.slice(0, -20), 'truncated', `position ${own.length - 20}`],
    ['no Tr_velo_to_cam', kitti.replace(/^Tr_velo.*$/m, ''), 'malformed', ''],
    ['no P2', kitti.replace(/^P2.*$/m, ''), 'malformed', ''],
    ['a number too few', kitti.replace(/^(P2.*) \S+$/m, '$1'), 'malformed', 'line 2, P2'],
    ['a word among numbers', kitti.replace('-250', 'nan'), 'malformed', 'line 2, P2'],
    ['a key twice', kitti.replace('P0:', 'P2:'), 'malformed', 'line 2'],
    ['a focal length below zero', kitti.replace('P2: 500', 'P2: -500'), 'malformed', 'line 2, P2'],
    ['skewed axes', kitti.replace('P2: 500 0', 'P2: 500 5'), 'unsupported', 'line 2, P2'],
    ['a mirrored rectification', kitti.replace('R0_rect: 0 -1', 'R0_rect: 0 1'), 'singular-matrix', 'line 3, R0_rect'],
    ['a scaled rotation', own.replace('[0,-1,0,', '[0,-2,0,'), 'singular-matrix', 'sensors, entry 0, cameraFromSensor'],
    ['a last row', own.replace('[0,0,0,1]', '[0,0,1,1]'), 'malformed', 'sensors, entry 0, cameraFromSensor'],
    ['an unknown sensor', own.replace('"lidar"', '"sonar"'), 'malformed', 'sensors, entry 0'],
    ['a width of half a pixel', own.replace('640', '0.5'), 'malformed', 'sensors, entry 0'],
    ['a huge number', own.replace('-0.25', '1e300'), 'malformed', 'sensors, entry 0, cameraFromSensor'],
    ['no entries', '{"sensors": []}', 'malformed', 'sensors'],
    ['no transform', '{"sensors": [{"sensor": "lidar"}]}', 'malformed', 'sensors, entry 0'],
    [
      'a text as matrix',
      images.replace(/"lidar2cam":\[.*?\]\]/, '"lidar2cam":"x"'),
      'malformed',
      'images, CAM_FRONT, lidar2cam',
    ],
    ['no sensor', images.replace('lidar2cam', 'lidar2moon'), 'malformed', 'images'],
  ])('%s is refused, and says where', (_name, text, code, where) => {
    const error = refusal(text);
    expect([error.code, error.where]).toEqual([code, where]);
    expect(error.file).toBe('calib');
    expect(error.hint).not.toBe('');
  });

  it('says the determinant of what is no rotation', () => {
    expect(refusal(own.replace('[0,-1,0,', '[0,-2,0,')).problem).toContain('determinant 2.00');
  });

  it('a quaternion that is not of length 1 is refused', () => {
    expect(refusal(textOf('our JSON, quaternion').replace('[0.5,', '[0.9,')).where).toBe(
      'sensors, entry 0, cameraFromSensor, quaternion',
    );
  });

  it('a file of blanks ends at once', () => {
    const blanks = new Uint8Array(2 ** 20).fill(32);
    for (const start of ['P2', '\n\n', 'P2:', '1']) {
      const bytes = blanks.slice();
      bytes.set(new TextEncoder().encode(start));
      expect(() => readCalibration(bytes, 'calib')).toThrow(ImportError);
    }
    expect(() => readCalibration(new TextEncoder().encode(`P2: ${'1'.repeat(2 ** 20)}x`), 'calib')).toThrow(
      ImportError,
    );
  });
});

/** One change to the bytes: replaced, removed, doubled, or another number. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = Math.floor(random() * bytes.length);
  const length = 1 + Math.floor(random() * 12);
  const way = Math.floor(random() * 5);
  const changed = bytes.slice();
  if (way === 0) changed[at] = Math.floor(random() * 256);
  if (way === 1) return bytes.slice(0, at);
  if (way === 2) return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + length)]);
  if (way === 3) return Uint8Array.from([...bytes.slice(0, at + length), ...bytes.slice(at)]);
  const words = ['NaN', '1e999', '-1', 'null', '[]', '{}', '""', '0', '1e-300'];
  const word = words[Math.floor(random() * words.length)] as string;
  return way === 4
    ? Uint8Array.from([...bytes.slice(0, at), ...new TextEncoder().encode(word), ...bytes.slice(at + length)])
    : changed;
}

describe('damaged calibrations', () => {
  it.each(KNOWN_CALIBRATIONS)('$name: 400 of them are refused as ImportError or give finite rotations', ({ bytes }) => {
    const random = createRandom(7);
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      try {
        const { lidar, radar } = readCalibration(
          mutate(bytes, () => random.next()),
          'calib',
        );
        for (const { cameraFromSensor, intrinsics } of [...lidar, ...radar]) {
          const { rotation, translation } = cameraFromSensor;
          expect(
            [...translation, ...(intrinsics ? Object.values<number>({ ...intrinsics }) : [])].every(Number.isFinite),
          ).toBe(true);
          expect(determinant(rotation)).toBeCloseTo(1, 5);
          multiplyMat(rotation, transposeMat(rotation)).forEach((value, i) => {
            expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 5);
          });
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ImportError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});

function describeReal(folder: string, body: (path: string) => void): void {
  const path = join(DATA, folder);
  if (!existsSync(path)) console.log(`SKIPPED: the calibration of ${folder}: ${path} is not there`);
  describe.skipIf(!existsSync(path))(`the calibration of ${folder}`, () => body(path));
}

describeReal('kitti', (path) => {
  it('has its four cameras where the data set says: 0.06 m, −0.54 m and −0.47 m along x beside camera 0', () => {
    const rig = readCalibration(readFileSync(join(path, '000008_calib.json')), '000008_calib.json');
    expect(rig.lidar.map(({ channel }) => channel)).toEqual(['CAM0', 'CAM1', 'CAM2', 'CAM3']);
    const x = rig.lidar.map(({ cameraFromSensor }) => cameraFromSensor.translation[0]);
    // (44.857 − 609.56 · 0.002746) / 721.54 and the like, from P1 to P3.
    expect((x[1] as number) - (x[0] as number)).toBeCloseTo(-0.5372, 3);
    expect((x[2] as number) - (x[0] as number)).toBeCloseTo(0.0598, 3);
    expect((x[3] as number) - (x[0] as number)).toBeCloseTo(-0.4729, 3);
    expect(findPlacement(rig.lidar, '000008.png')?.placement.channel).toBe('CAM2');
  });

  it('its one-line projection alone is refused in words', () => {
    expect(() => readCalibration(readFileSync(join(path, '000008.txt')), '000008.txt')).toThrow(/one matrix alone/);
  });
});

describeReal('nuscenes', (path) => {
  it('has a placement for each of the six photos', () => {
    const names = readdirSync(path);
    const file = names.find((name) => name.endsWith('.json')) as string;
    const rig = readCalibration(readFileSync(join(path, file)), file);
    const photos = names.filter((name) => name.endsWith('.jpg'));
    expect([rig.lidar.length, photos.length]).toEqual([6, 6]);
    for (const photo of photos) {
      const found = findPlacement(rig.lidar, photo);
      expect(found?.by).toBe('photo');
      expect(photo).toContain(`__${found?.placement.channel}__`);
    }
  });
});

describeReal('vod', (path) => {
  it('puts the radar in front of and above the LiDAR’s frame as its two files say', () => {
    const load = (name: string, sensor: 'lidar' | 'radar'): SensorPlacement => {
      const rig = readCalibration(readFileSync(join(path, '00549', name)), name, { sensor });
      return rig[sensor][0] as SensorPlacement;
    };
    expect(load('lidar_calib.txt', 'lidar').cameraFromSensor.translation).toEqual([0.151, -0.461, -0.915]);
    expect(load('radar_calib.txt', 'radar').cameraFromSensor.translation).toEqual([0.05283124, 0.98100483, 1.44445002]);
    expect(load('radar_calib.txt', 'radar').intrinsics?.fx).toBe(1495.468642);
  });
});
