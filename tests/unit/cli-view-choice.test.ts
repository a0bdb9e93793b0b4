import { describe, expect, it } from 'vitest';
import { parseHoldOut } from '../../cli/arguments.js';
import { widthForLongSide } from '../../host/run/capture-input.js';
import { UsageError } from '../../host/run/user-errors.js';
import { exitCodeOf } from '../../cli/exit-codes.js';
import { chooseViews, splitViews } from '../../host/run/view-choice.js';
import type { CaptureView } from '../../engine/scene/view.js';

const intrinsics = { fx: 1, fy: 1, cx: 0, cy: 0, width: 0, height: 0 };
const VIEWS = Array.from({ length: 20 }, (_, i): CaptureView => ({
  name: `image${String(i).padStart(3, '0')}.png`,
  imagePath: '',
  maskPath: null,
  camera: {
    intrinsics,
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] },
  },
  distortion: null,
}));

function split(train: string | undefined, holdOut?: string): { train: number[]; heldOut: number[] } {
  const chosen = splitViews(VIEWS, train, holdOut === undefined ? undefined : parseHoldOut(holdOut));
  const indices = (views: readonly CaptureView[]): number[] => views.map((view) => VIEWS.indexOf(view));
  return { train: indices(chosen.train), heldOut: indices(chosen.heldOut) };
}

describe('which views are trained on and which are scored', () => {
  it('all are trained on by default, and --train-views alone scores none', () => {
    expect(split(undefined).train).toHaveLength(20);
    expect(split('19,1,10')).toEqual({ train: [1, 10, 19], heldOut: [] });
  });

  it('every:N keeps 0, N, 2N … out', () => {
    const { train, heldOut } = split(undefined, 'every:8');
    expect(heldOut).toEqual([0, 8, 16]);
    expect(train).toHaveLength(17);
    expect(train.filter((i) => heldOut.includes(i))).toEqual([]);
  });

  it('held-out views never train, even when both lists name them', () => {
    expect(split('0,1,10,19', 'every:8')).toEqual({ train: [1, 10, 19], heldOut: [0, 8, 16] });
    expect(split('1,2,3', 'image003.png,5')).toEqual({ train: [1, 2], heldOut: [3, 5] });
  });

  it('rest is what --train-views leaves', () => {
    expect(split('0,2,4', 'rest').heldOut).toHaveLength(17);
    expect(() => split(undefined, 'rest')).toThrow(UsageError);
  });

  it('refuses to train on fewer than two', () => {
    expect(() => split('3')).toThrow(UsageError);
    expect(() => split('0,8', 'every:8')).toThrow(UsageError);
  });

  it('a name that is not there is bad usage', () => {
    let error: unknown;
    try {
      chooseViews(VIEWS, '0,nobody.jpg');
    } catch (caught) {
      error = caught;
    }
    expect(exitCodeOf(error)).toBe(2);
  });
});

it('photos are shrunk by their longer side and never enlarged', () => {
  expect(widthForLongSide(1080, 1920, 960)).toBe(540);
  expect(widthForLongSide(4032, 3024, 720)).toBe(720);
  expect(widthForLongSide(640, 480, 720)).toBe(640);
});
