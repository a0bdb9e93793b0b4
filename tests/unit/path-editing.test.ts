import { describe, expect, it } from 'vitest';
import type { CameraPath, PathKeyframe } from '../../renderer/viewer/path/camera-path.js';
import {
  addKeyframe,
  deleteKeyframe,
  duplicateKeyframe,
  EMPTY_PATH,
  frameCount,
  frameTimeMs,
  retimeKeyframe,
  setDuration,
  setLoop,
} from '../../renderer/viewer/path/camera-path.js';
import { advance, jumpToKey, seek, stepFrames, STOPPED, togglePlay } from '../../renderer/viewer/path/playback.js';

const key = (id: string, timeMs: number): PathKeyframe => ({
  id,
  timeMs,
  pose: { position: [timeMs, 0, 0], rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], fovYRad: 1 },
  photoId: null,
});

const PATH: CameraPath = {
  ...EMPTY_PATH,
  fps: 10,
  durationMs: 4000,
  keyframes: [key('a', 0), key('b', 1000), key('c', 4000)],
};

const times = (path: CameraPath): [string, number][] => path.keyframes.map(({ id, timeMs }) => [id, timeMs]);

describe('editing keys', () => {
  it('adds in order of time and lengthens the path', () => {
    expect(times(addKeyframe(PATH, key('n', 2500)))).toEqual([
      ['a', 0],
      ['b', 1000],
      ['n', 2500],
      ['c', 4000],
    ]);
    expect(addKeyframe(PATH, key('n', 6000)).durationMs).toBe(6000);
  });

  it('gives the pose to a key that stands there already', () => {
    const path = addKeyframe(PATH, { ...key('n', 1020), photoId: 'p' });
    expect(times(path)).toEqual(times(PATH));
    expect(path.keyframes[1]).toMatchObject({ id: 'b', photoId: 'p', pose: { position: [1020, 0, 0] } });
  });

  it('moves a key past others, never onto one', () => {
    expect(times(retimeKeyframe(PATH, 'a', 2000))).toEqual([
      ['b', 1000],
      ['a', 2000],
      ['c', 4000],
    ]);
    expect(times(retimeKeyframe(PATH, 'a', 1000))).toEqual([
      ['b', 1000],
      ['a', 1100],
      ['c', 4000],
    ]);
    expect(times(retimeKeyframe(PATH, 'b', -50))).toEqual([
      ['a', 0],
      ['b', 100],
      ['c', 4000],
    ]);
  });

  it('deletes and duplicates', () => {
    expect(times(deleteKeyframe(PATH, 'b'))).toEqual([
      ['a', 0],
      ['c', 4000],
    ]);
    expect(times(duplicateKeyframe(PATH, 'b', 'n'))).toEqual([
      ['a', 0],
      ['b', 1000],
      ['n', 2500],
      ['c', 4000],
    ]);
    expect(times(duplicateKeyframe(PATH, 'c', 'n')).at(-1)).toEqual(['n', 6000]);
  });

  it('gives a loop time for its way home, and takes it back', () => {
    const loop = setLoop(PATH, true);
    expect(loop.durationMs).toBe(6000);
    expect(setLoop(loop, false).durationMs).toBe(4000);
    expect(retimeKeyframe(loop, 'c', 6000).durationMs).toBeGreaterThan(6000);
  });

  it('stretches', () => {
    const slow = setDuration(PATH, 8000);
    expect(times(slow)).toEqual([
      ['a', 0],
      ['b', 2000],
      ['c', 8000],
    ]);
    expect(slow.durationMs).toBe(8000);
  });

  it('counts frames: both ends of an open path, one of a loop', () => {
    expect(frameCount(PATH)).toBe(41);
    expect(frameTimeMs(PATH, 40)).toBe(4000);
    expect(frameCount({ ...PATH, isLoop: true, durationMs: 6000 })).toBe(60);
    expect(frameCount({ ...PATH, durationMs: 0 })).toBe(1);
  });
});

describe('the playhead', () => {
  const keyTimes = [0, 1000, 4000];
  const playing = togglePlay(STOPPED, PATH);

  it('plays to the end, halts there, and starts again from the beginning', () => {
    expect(advance(playing, PATH, 1500)).toMatchObject({ timeMs: 1500, isPlaying: true });
    const ended = advance(advance(playing, PATH, 1500), PATH, 9000);
    expect(ended).toMatchObject({ timeMs: 4000, isPlaying: false });
    expect(togglePlay(ended, PATH)).toMatchObject({ timeMs: 0, isPlaying: true });
    expect(advance({ ...playing, speed: 0.5 }, PATH, 1000).timeMs).toBe(500);
  });

  it('goes round a loop', () => {
    expect(advance({ ...playing, timeMs: 5500 }, { ...PATH, isLoop: true, durationMs: 6000 }, 1000)).toMatchObject({
      timeMs: 500,
      isPlaying: true,
    });
  });

  it('does not play what has no way', () => {
    expect(togglePlay(STOPPED, EMPTY_PATH).isPlaying).toBe(false);
    expect(togglePlay(STOPPED, { ...PATH, keyframes: [key('a', 0)] }).isPlaying).toBe(false);
  });

  it('steps whole frames and halts', () => {
    expect(stepFrames({ ...playing, timeMs: 1040 }, PATH, 1)).toMatchObject({ timeMs: 1100, isPlaying: false });
    expect(stepFrames({ ...STOPPED, timeMs: 1000 }, PATH, -10).timeMs).toBe(0);
    expect(stepFrames({ ...STOPPED, timeMs: 4000 }, PATH, 10).timeMs).toBe(4000);
    expect(stepFrames({ ...STOPPED, timeMs: 0 }, { ...PATH, isLoop: true, durationMs: 6000 }, -1).timeMs).toBe(5900);
  });

  it('jumps from key to key', () => {
    expect(jumpToKey({ ...STOPPED, timeMs: 1000 }, PATH, keyTimes, 1).timeMs).toBe(4000);
    expect(jumpToKey({ ...STOPPED, timeMs: 1000 }, PATH, keyTimes, -1).timeMs).toBe(0);
    expect(jumpToKey({ ...STOPPED, timeMs: 4000 }, PATH, keyTimes, 1).timeMs).toBe(4000);
  });

  it('keeps its place for nonsense', () => {
    expect(seek({ ...STOPPED, timeMs: 7 }, PATH, NaN).timeMs).toBe(7);
    expect(seek(STOPPED, PATH, 1e12).timeMs).toBe(4000);
  });
});
