import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { CameraPath } from '../../renderer/viewer/path/camera-path.js';
import { EMPTY_PATH } from '../../renderer/viewer/path/camera-path.js';
import { encodePng } from '../../renderer/viewer/path/export/encode-png.js';
import {
  evenSize,
  fitsMemory,
  frameName,
  isUsableSize,
  progressOf,
} from '../../renderer/viewer/path/export/export-plan.js';
import { writeFrameZip } from '../../renderer/viewer/path/export/frame-zip.js';
import { untilAborted } from '../../renderer/viewer/path/export/render-frames.js';
import { rgbaToI420 } from '../../renderer/viewer/path/export/rgba-to-i420.js';
import { candidatesFor, pickCandidate } from '../../renderer/viewer/path/export/video-candidates.js';
import { readPathDocument } from '../../renderer/viewer/path/path-document.js';
import type { ViewPose } from '../../renderer/viewer/viewer-contract.js';

function noise(width: number, height: number, isOpaque: boolean) {
  let seed = 7;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i++) {
    seed = (seed * 48271) % 2147483647;
    data[i] = i % 4 === 3 && isOpaque ? 255 : seed & 255;
  }
  return { width, height, data };
}

describe('PNG', () => {
  it.each([true, false])('is what another decoder reads back to the same pixels (opaque %s)', async (isOpaque) => {
    // Wide enough for several stripes: 1201 × 4 bytes a row, 2 MiB a stripe.
    const picture = noise(1201, 900, isOpaque);
    const bytes = Buffer.from(await (await encodePng(picture)).arrayBuffer());
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([1201, 900, isOpaque ? 3 : 4]);
    let differences = 0;
    for (let pixel = 0; pixel < 1201 * 900; pixel++) {
      for (let c = 0; c < info.channels; c++) {
        if (data[pixel * info.channels + c] !== picture.data[pixel * 4 + c]) differences++;
      }
    }
    expect(differences).toBe(0);
  });

  it('is small for a smooth picture: rows are filtered', async () => {
    const data = new Uint8ClampedArray(256 * 256 * 4).map((_, i) =>
      i % 4 === 3 ? 255 : (((i >> 2) % 256) + (i >> 10)) & 255,
    );
    expect((await encodePng({ width: 256, height: 256, data })).size).toBeLessThan(4000);
  });

  it('stops when it is told to', async () => {
    await expect(encodePng(noise(50, 50, true), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe("video's planes", () => {
  it('have the values of BT.709 in limited range', () => {
    // Reference values of 100 % bars and grey, 8 bits, as tables of BT.709 give them.
    const colours: [number[], number[]][] = [
      [
        [255, 255, 255],
        [235, 128, 128],
      ],
      [
        [0, 0, 0],
        [16, 128, 128],
      ],
      [
        [255, 0, 0],
        [63, 102, 240],
      ],
      [
        [0, 255, 0],
        [173, 42, 26],
      ],
      [
        [0, 0, 255],
        [32, 240, 118],
      ],
      [
        [128, 128, 128],
        [126, 128, 128],
      ],
    ];
    for (const [[r, g, b], expected] of colours) {
      const data = new Uint8ClampedArray([r!, g!, b!, 255, r!, g!, b!, 255, r!, g!, b!, 255, r!, g!, b!, 255]);
      const planes = rgbaToI420({ width: 2, height: 2, data });
      expect([...planes], `${r} ${g} ${b}`).toEqual([...Array<number>(4).fill(expected[0]!), expected[1], expected[2]]);
    }
  });

  it('keep rows and columns apart, and show black where nothing is', () => {
    const data = new Uint8ClampedArray(4 * 2 * 4);
    data.set([255, 255, 255, 255], 3 * 4);
    data.set([255, 255, 255, 0], 4 * 4);
    expect([...rgbaToI420({ width: 4, height: 2, data }).subarray(0, 8)]).toEqual([16, 16, 16, 235, 16, 16, 16, 16]);
  });
});

describe('choosing an encoder', () => {
  it('tries H.264, then others in MP4, then WebM; passes over what throws', async () => {
    const tried: string[] = [];
    const picked = await pickCandidate(candidatesFor('mp4'), async ({ container, codec }) => {
      tried.push(`${container} ${codec}`);
      if (codec === 'avc') throw new Error('promised, not had');
      return container === 'webm';
    });
    expect(tried).toEqual(['mp4 avc', 'mp4 vp9', 'mp4 av1', 'webm vp9']);
    expect(picked).toEqual({ container: 'webm', codec: 'vp9' });
    expect(candidatesFor('webm')[0]).toEqual({ container: 'webm', codec: 'vp9' });
    expect(await pickCandidate(candidatesFor('mp4'), async () => false)).toBeNull();
  });
});

describe('the plan', () => {
  it('judges sizes and memory before anything is begun', () => {
    expect(isUsableSize({ width: 16384, height: 9000 }, 16384)).toBe(true);
    for (const width of [15, 16385, 100.5, NaN, -4]) expect(isUsableSize({ width, height: 100 }, 16384)).toBe(false);
    expect(evenSize({ width: 1921, height: 1080 })).toEqual({ width: 1920, height: 1080 });
    expect(fitsMemory(6e9, 8e9)).toBe(false);
    expect(fitsMemory(4e9, 8e9)).toBe(true);
    expect(progressOf(25, 100, 5000)).toEqual({ done: 25, total: 100, etaMs: 15_000 });
    expect(progressOf(0, 100, 5).etaMs).toBeNull();
    expect(frameName(0)).toBe('frame_00001.png');
  });

  it('is left at once, also while a picture is being drawn', async () => {
    const abort = new AbortController();
    const endless = untilAborted(new Promise<void>(() => undefined), abort.signal);
    abort.abort(new Error('cancelled'));
    await expect(endless).rejects.toThrow('cancelled');
  });
});

const identity: ViewPose['rotation'] = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const PATH: CameraPath = {
  ...EMPTY_PATH,
  fps: 10,
  durationMs: 500,
  keyframes: [0, 500].map((timeMs) => ({
    id: `k${timeMs}`,
    timeMs,
    pose: { position: [timeMs / 100, 0, 0], rotation: identity, fovYRad: 1 },
    photoId: null,
  })),
};

/** A picture whose grey tells where the camera stood. */
const viewer = {
  renderStill: async (pose: ViewPose, width: number, height: number): Promise<ImageData> => {
    const data = new Uint8ClampedArray(width * height * 4).fill(Math.round(pose.position[0] * 40));
    for (let i = 3; i < data.length; i += 4) data[i] = 255;
    return { width, height, data, colorSpace: 'srgb' };
  },
};

describe('frames in a ZIP', () => {
  it('are each frame of the path, numbered, with the path beside them', async () => {
    const chunks: Uint8Array[] = [];
    const progress: number[] = [];
    const request = {
      viewer,
      path: PATH,
      size: { width: 16, height: 16 },
      signal: new AbortController().signal,
      onProgress: ({ done }: { done: number }) => progress.push(done),
    };
    await writeFrameZip(request, { write: async (bytes) => void chunks.push(bytes) });
    const files = unzipSync(Buffer.concat(chunks));
    expect(Object.keys(files)).toEqual(['path.json', ...[1, 2, 3, 4, 5, 6].map((n) => `frame_0000${n}.png`)]);
    const greys = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (n) => (await sharp(files[`frame_0000${n}.png`]).raw().toBuffer())[0]),
    );
    // Constant speed from 0 to 5 in five steps.
    expect(greys).toEqual([0, 40, 80, 120, 160, 200]);
    expect(progress).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const read = readPathDocument(Buffer.from(files['path.json']!).toString());
    expect(read.ok && read.path.keyframes).toHaveLength(2);
  });

  it('end with the signal, and nothing after it is written', async () => {
    const abort = new AbortController();
    const request = {
      viewer,
      path: PATH,
      size: { width: 16, height: 16 },
      signal: abort.signal,
      onProgress: ({ done }: { done: number }) => {
        if (done === 2) abort.abort(new Error('cancelled'));
      },
    };
    let bytes = 0;
    const written = writeFrameZip(request, { write: async (chunk) => void (bytes += chunk.length) });
    await expect(written).rejects.toThrow('cancelled');
    const after = bytes;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(bytes).toBe(after);
  });
});
