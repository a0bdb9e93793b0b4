import { beforeEach, describe, expect, it } from 'vitest';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import { createSplats } from '../../engine/scene/splats.js';
import type { Splats } from '../../engine/scene/splats.js';
import { CameraRig } from '../../renderer/viewer/camera-rig.js';
import { FirstView } from '../../renderer/viewer/first-view.js';
import { frustumDepth, frustumPoints, isTooNear } from '../../renderer/viewer/frustum-geometry.js';
import { StageContents } from '../../renderer/viewer/stage-contents.js';
import { columnOf, dot, scale } from '../../renderer/viewer/vector-math.js';
import { lookAt, poseOfPhoto, projectPoint } from '../../renderer/viewer/view-geometry.js';
import type { ViewerPhoto } from '../../renderer/viewer/viewer-contract.js';

const UP: Vec3 = [0, -1, 0];

function photoAt(id: string, position: Vec3, target: Vec3): ViewerPhoto {
  const rotation = transposeMat(lookAt(position, target, UP));
  const translation = scale(multiplyMatVec(rotation, position), -1);
  const lens = { fx: 500, fy: 500, cx: 320, cy: 240, width: 640, height: 480 };
  const camera = { ...lens, rotation, translation };
  return { id, name: id, camera, thumbnailUrl: null, pictureUrl: null, isHeldOut: false };
}

function splatsAt(...places: Vec3[]): Splats {
  const splats = createSplats(places.length, 0);
  places.forEach((place, i) => splats.means.set(place, i * 3));
  return splats;
}

const row = [-1.5, -0.5, 0.5, 1.5].map((x) => photoAt(`row ${x}`, [x, 0, 0], [x, 0, 5]));
const ring = [0, 1, 2, 3, 4, 5].map((i) => {
  const angle = (i / 6) * 2 * Math.PI;
  return photoAt(`ring ${i}`, [3 * Math.cos(angle), 0, 3 * Math.sin(angle)], [0, 0, 0]);
});
const floor = [0, 1, 2].map((i) => {
  const rotation: ViewerPhoto['camera']['rotation'] = [1, 0, 0, 0, 0, -1, 0, 1, 0];
  const photo = photoAt(`floor ${i}`, [i, 0, 0], [i, 0, 1]);
  return { ...photo, camera: { ...photo.camera, rotation, translation: [-i, 0, 0] as Vec3 } };
});
const scene = splatsAt([-1, -1, 4], [1, 1, 4], [0, 0, 6], [1, -1, 5]);

let rig: CameraRig;
let contents: StageContents;
let view: FirstView;
const measured = (sceneId: string | null): void => {
  rig.bounds = contents.bounds;
  view.follow(sceneId);
};
const show = (photos: readonly ViewerPhoto[], splats: Splats | null, sceneId: string | null): void => {
  contents.setPhotos(photos);
  contents.setScene(splats, true);
  measured(sceneId);
};

beforeEach(() => {
  rig = new CameraRig();
  rig.resize(900, 500);
  contents = new StageContents(() => undefined);
  view = new FirstView(rig, contents, () => true);
});

describe('before there is a scene', () => {
  const expectAllInSight = (photos: readonly ViewerPhoto[], points: readonly Vec3[] = []): void => {
    const depth = frustumDepth(photos, contents.bounds.radius);
    const { width, height } = rig.intrinsics();
    for (const place of [...photos.flatMap(({ camera }) => frustumPoints(camera, depth)), ...points]) {
      const seen = projectPoint(rig.goal, rig.intrinsics(), place);
      expect(Math.abs((seen?.x ?? Infinity) - width / 2)).toBeLessThan(0.43 * width);
      expect(Math.abs((seen?.y ?? Infinity) - height / 2)).toBeLessThan(0.43 * height);
    }
    for (const { camera } of photos) expect(isTooNear(camera, depth, rig.goal.position)).toBe(false);
  };

  it.each([
    ['in a row', row],
    ['in a ring that looks inwards', ring],
    ['that look at the floor', floor],
    ['of which there is one', row.slice(0, 1)],
  ])('shows all cameras %s from outside and above', (_, photos) => {
    show(photos, null, null);
    expectAllInSight(photos);
    expect(dot(columnOf(rig.goal.rotation, 2), UP)).toBeCloseTo(-Math.sin(0.5));
    expect(dot(columnOf(rig.goal.rotation, 0), UP)).toBeCloseTo(0);
    rig.resize(300, 800);
    expect(view.refit(null, false)).toBe(true);
    expectAllInSight(photos);
  });

  it('takes sparse points into the picture as they come, as a flight', () => {
    show(row, null, null);
    const before = rig.goal;
    const points: Vec3[] = [
      [-4, -1, 8],
      [4, 1, 9],
      [0, 2, 12],
    ];
    contents.setPoints({ count: 3, positions: Float32Array.from(points.flat()), colors: new Uint8Array(9) });
    measured(null);
    expect(rig.pose).toEqual(before);
    expect(rig.isMoving).toBe(true);
    expectAllInSight(row, points);
  });

  it('leaves a camera alone that somebody has moved', () => {
    show(row, null, null);
    rig.drag('orbit', 30, 0, 0);
    const theirs = rig.pose;
    contents.setPhotos([...row]);
    measured(null);
    rig.resize(300, 800);
    expect(view.refit(null, false)).toBe(false);
    expect(rig.goal).toEqual(theirs);
  });
});

describe('showing all', () => {
  it('fills the picture with what is there, cameras and all, from the present direction', () => {
    show(row, scene, 'a');
    view.showAll(false);
    expect(rig.pose.rotation).toEqual(poseOfPhoto((row[0] as ViewerPhoto).camera).rotation);
    const { width, height } = rig.intrinsics();
    const places = contents.landmarks.map((place) => projectPoint(rig.pose, rig.intrinsics(), place));
    const [across, down] = [
      Math.max(...places.map((place) => Math.abs((place?.x ?? Infinity) / width - 0.5))),
      Math.max(...places.map((place) => Math.abs((place?.y ?? Infinity) / height - 0.5))),
    ];
    expect(Math.max(across, down)).toBeCloseTo(0.42, 3);
  });

  it('leaves out what is hidden', () => {
    show([], splatsAt([-1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 90, 0]), 'a');
    contents.setMarks({ hidden: Uint8Array.from([0, 0, 0, 1]) });
    view.showAll(false);
    expect(Math.abs(rig.pose.position[2])).toBeLessThan(10);
    expect(Math.abs(rig.pose.position[1])).toBeLessThan(2);
  });
});

describe('when the Gaussians come', () => {
  const first = poseOfPhoto((row[0] as ViewerPhoto).camera);

  it('flies to the first photo from a view that was on the screen, and is there at once from one that was not', () => {
    show(row, null, null);
    const outside = rig.pose;
    contents.setScene(scene, true);
    measured('a');
    expect(rig.pose).toEqual(outside);
    expect(rig.goal.position).toEqual(first.position);
    view.forget();
    show(row, scene, 'b');
    expect(rig.pose.position).toEqual(first.position);
    expect(rig.isMoving).toBe(false);
  });

  it('moves for none of its revisions', () => {
    show(row, scene, 'a');
    rig.frameAll(false);
    const theirs = rig.pose;
    contents.setScene(splatsAt([50, 50, -50], [60, 50, -50]), false);
    measured('a');
    expect(rig.goal).toEqual(theirs);
  });

  it('stays where somebody stands who sees something of them, and goes where one would see nothing', () => {
    show(row, null, null);
    rig.standIn(row[2] as ViewerPhoto, false);
    contents.setScene(scene, true);
    measured('a');
    expect(rig.photo?.id).toBe(row[2]?.id);
    show(row, splatsAt([0, 0, -40], [1, 0, -40], [0, 1, -40]), 'b');
    expect(rig.goal.position).toEqual(first.position);
    expect(rig.photo).toBeNull();
  });

  it('frames a scene without photos, each anew and without a flight', () => {
    show([], scene, 'a');
    rig.drag('orbit', 30, 0, 0);
    show([], splatsAt([100, 0, 0], [104, 0, 0], [100, 3, 0]), 'b');
    expect(rig.isMoving).toBe(false);
    expect(projectPoint(rig.pose, rig.intrinsics(), [102, 1, 0])?.x).toBeGreaterThan(0);
  });
});
