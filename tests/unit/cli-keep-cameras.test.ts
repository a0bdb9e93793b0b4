/** Cameras that are left beside a scene, written and read again. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeKept, keepCameras, keepRefinedCameras } from '../../cli/keep-cameras.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { rotationOfVector } from '../../engine/math/rotation-vector.js';
import type { PipelineEvent } from '../../engine/pipeline/events.js';
import type { RefinementReport } from '../../engine/pipeline/refined-views.js';
import type { CaptureView } from '../../engine/scene/view.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import { openCapture } from '../../host/run/capture-input.js';

const INTRINSICS = { fx: 500, fy: 510, cx: 320, cy: 240, width: 640, height: 480 };
const PLACES: readonly RigidTransform[] = [
  { rotation: rotationOfVector([0.1, -0.2, 0.05]), translation: [0.3, 0.1, 2] },
  { rotation: rotationOfVector([0, 0.3, -0.1]), translation: [-0.8, 0.2, 1.5] },
];
const MOVED: RigidTransform = { rotation: rotationOfVector([0.02, 0.28, -0.1]), translation: [-0.7, 0.2, 1.5] };
const IDENTITY_COLOR = { matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1], offset: [0, 0, 0] } as const;

let folder: string;
let photos: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage cameras-'));
  photos = join(folder, 'photos');
  await mkdir(photos);
  // Their pixels are not looked at.
  for (const name of ['a.jpg', 'b.jpg']) await writeFile(join(photos, name), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function captureOf(format: OpenedCapture['format'], change: Partial<CaptureView> = {}): OpenedCapture {
  const views = PLACES.map((cameraFromWorld, i): CaptureView => {
    const name = ['a.jpg', 'b.jpg'][i]!;
    const camera = { intrinsics: INTRINSICS, cameraFromWorld };
    return { name, imagePath: name, maskPath: null, camera, distortion: null, ...change };
  });
  return {
    format,
    views,
    warnings: [],
    load: () => Promise.reject(new Error('not loaded')),
    cameraOf: () => Promise.resolve({ intrinsics: INTRINSICS, cameraFromWorld: PLACES[0]! }),
  };
}

const usedOf = (capture: OpenedCapture) => ({ capture, found: null, worldFromCapture: null });

function refinementOf(turnedDeg: number, focalFactor: number, cameras = true): RefinementReport {
  const camera = { intrinsics: INTRINSICS, cameraFromWorld: MOVED };
  const view = { name: 'b.jpg', camera, color: IDENTITY_COLOR, turnedDeg, movedShare: 0 };
  return { cameras, exposure: false, focalFactor, views: [view] } as unknown as RefinementReport;
}

function expectPlaces(views: readonly CaptureView[], places: readonly RigidTransform[]): void {
  expect(views.map(({ name }) => name)).toEqual(['a.jpg', 'b.jpg']);
  views.forEach(({ camera: { cameraFromWorld } }, i) => {
    places[i]!.rotation.forEach((value, k) => expect(cameraFromWorld.rotation[k]).toBeCloseTo(value, 9));
    places[i]!.translation.forEach((value, k) => expect(cameraFromWorld.translation[k]).toBeCloseTo(value, 9));
  });
}

describe('cameras beside a scene', () => {
  const silent = (): void => undefined;
  const placeOf = (scene: string) => ({ output: join(folder, `${scene}.ply`), capturePath: photos });

  it('are a calibration’s, in both kinds of file, and render reads them', async () => {
    const kept = (await keepCameras(usedOf(captureOf('calibration')), placeOf('calibrated'), silent))!;
    expect(kept.folder).toBe(join(folder, 'calibrated.cameras'));
    expect(describeKept(kept)).toContain('of the calibration');
    for (const file of [kept.folder, join(kept.folder, 'sparse', '0')]) {
      const { views } = await openCapture(file, photos);
      expectPlaces(views, PLACES);
      views.forEach(({ camera }) => expect(camera.intrinsics).toEqual(INTRINSICS));
    }
    const { frames } = JSON.parse(await readFile(join(kept.folder, 'transforms.json'), 'utf8')) as {
      frames: { file_path: string }[];
    };
    expect(frames[0]!.file_path).toBe('../photos/a.jpg');
  });

  it('are found from a photo that was named itself, too', async () => {
    const capture = captureOf('calibration');
    const place = { output: join(folder, 'lone.ply'), capturePath: join(photos, 'a.jpg') };
    const kept = (await keepCameras(usedOf({ ...capture, views: capture.views.slice(0, 1) }), place, silent))!;
    expect((await openCapture(kept.folder, photos)).views.map(({ name }) => name)).toEqual(['a.jpg']);
  });

  it('are not written where the capture tells them, and are where sensors moved it', async () => {
    const used = usedOf(captureOf('transforms-json'));
    expect(await keepCameras(used, placeOf('given'), silent)).toBeNull();
    expect(existsSync(join(folder, 'given.cameras'))).toBe(false);
    const worldFromCapture = { scale: 2, rotation: PLACES[0]!.rotation, translation: [0, 0, 0] } as const;
    const moved = {
      ...used,
      worldFromCapture: { ...worldFromCapture, translation: [0, 0, 0] as [number, number, number] },
    };
    const kept = (await keepCameras(moved, placeOf('given'), silent))!;
    // The capture that the run has is in the scene's world already.
    expectPlaces((await openCapture(kept.folder, photos)).views, PLACES);
  });

  it('are the refined ones after a training that moved them, with their focal lengths', async () => {
    const used = usedOf(captureOf('transforms-json'));
    const kept = (await keepRefinedCameras(null, used, placeOf('refined'), refinementOf(0.3, 1.02)))!;
    const { views } = await openCapture(kept.folder, photos);
    expectPlaces(views, [PLACES[0]!, MOVED]);
    expect(views.map(({ camera }) => camera.intrinsics.fx)).toEqual([500, expect.closeTo(510, 9)]);
    expect(describeKept(kept)).toContain('refined');
    const report = JSON.parse(await readFile(join(kept.folder, 'poses-report.json'), 'utf8')) as object;
    expect(report).toMatchObject({ source: 'capture', refined: { focalFactor: 1.02, photos: [{ name: 'b.jpg' }] } });
  });

  it.each([
    ['no refinement', null],
    ['colours only', refinementOf(0, 1, false)],
    ['cameras that stayed', refinementOf(0, 1)],
  ])('stay as they are after %s', async (_, refinement) => {
    const used = usedOf(captureOf('calibration'));
    expect(await keepRefinedCameras(null, used, placeOf('still'), refinement)).toBeNull();
    expect(existsSync(join(folder, 'still.cameras'))).toBe(false);
  });

  it('have the pinhole of a lens that pose files have no terms for, and that is said', async () => {
    const distortion = { k1: 0.1, k2: 0, p1: 0, p2: 0, k3: 0.2, k4: 0, k5: 0, k6: 0 };
    const events: PipelineEvent[] = [];
    const used = usedOf(captureOf('calibration', { distortion }));
    const kept = (await keepCameras(used, placeOf('bent'), (event) => events.push(event)))!;
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(2);
    expect((await openCapture(kept.folder, photos)).views[0]!.camera.intrinsics).toEqual(INTRINSICS);
  });

  it('take the photo’s own size where the calibration states none', async () => {
    const camera = { intrinsics: { ...INTRINSICS, width: 0, height: 0 }, cameraFromWorld: PLACES[0]! };
    const kept = (await keepCameras(usedOf(captureOf('calibration', { camera })), placeOf('open'), silent))!;
    expect((await openCapture(kept.folder, photos)).views[0]!.camera.intrinsics).toEqual(INTRINSICS);
  });
});
