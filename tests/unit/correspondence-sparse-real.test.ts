import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseSources } from '../../engine/correspondence/choose-sources.js';
import { estimateInverseDepthRanges } from '../../engine/correspondence/sparse-depth-ranges.js';
import type { SparseMatches } from '../../engine/correspondence/sparse-matches.js';
import { findSparseMatches } from '../../engine/correspondence/sparse-matches.js';
import { importCapture } from '../../engine/formats/import-capture.js';
import { readNpy } from '../../engine/formats/read-npy.js';
import { loadViews } from '../../engine/pipeline/load-views.js';
import type { View } from '../../engine/scene/view.js';
import { openCapture } from '../../host/capture-folder.js';
import { sharpPhotoDecoder } from '../../host/photo-decoder.js';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

function isPresent(name: string): boolean {
  const present = existsSync(DATA + name);
  if (!present) console.log(`SKIPPED: sparse matches on shared/data/${name} (not there)`);
  return present;
}

async function load(path: string, select: readonly (number | string)[]): Promise<View[]> {
  const { files, poseFile } = await openCapture(DATA + path);
  const capture = await importCapture(files, poseFile, { widthPx: 504 });
  return (await loadViews(capture, files, sharpPhotoDecoder, { widthPx: 504, select }, {})).views;
}

function medianError({ pairs }: SparseMatches): number {
  const errors = pairs.flatMap((pair) => [...pair.errorsPx]).sort((a, b) => a - b);
  return errors[errors.length >> 1] as number;
}

function observationsOf(matches: SparseMatches, view: number): number {
  return matches.points.views.reduce((count, v) => count + (v === view ? 1 : 0), 0);
}

describe.skipIf(!isPresent('fern'))('fern, photos 1, 10, 19', () => {
  let views: View[];
  let matches: SparseMatches;
  beforeAll(async () => {
    views = await load('fern', [1, 10, 19]);
    matches = await findSparseMatches(views);
  });

  it('finds many points that reproject well', () => {
    expect(matches.points.count).toBeGreaterThan(1000);
    views.forEach((_, i) => expect(observationsOf(matches, i)).toBeGreaterThan(600));
    expect(medianError(matches)).toBeLessThan(0.7);
  });

  it('finds ranges that hold COLMAP’s, which the pose file gives for comparison', () => {
    // poses_bounds.npy: row i ends in the 0.1 and 99.9 percentiles of the depths that COLMAP saw from photo i.
    const bounds = readNpy(new Uint8Array(readFileSync(`${DATA}fern/poses_bounds.npy`)), 'poses_bounds.npy').data;
    estimateInverseDepthRanges(matches, views).forEach(({ far, near }, i) => {
      const row = [1, 10, 19][i] as number;
      const [colmapNear, colmapFar] = [bounds[17 * row + 15] as number, bounds[17 * row + 16] as number];
      expect(1 / near).toBeLessThan(colmapNear);
      expect(1 / near).toBeGreaterThan(0.6 * colmapNear);
      expect(1 / far).toBeGreaterThan(colmapFar);
      expect(1 / far).toBeLessThan(4 * colmapFar);
    });
  });

  it('uses both other photos of each', () => {
    chooseSources(views, matches).forEach((sources, i) => {
      expect([...sources].sort((a, b) => a - b)).toEqual([0, 1, 2].filter((j) => j !== i));
    });
  });
});

describe.skipIf(!isPresent('fox'))('fox, undistorted, photos 0009, 0018, 0025', () => {
  it('finds points that reproject well, within a plausible range', async () => {
    const views = await load('fox', ['0009', '0018', '0025']);
    const matches = await findSparseMatches(views);
    expect(matches.points.count).toBeGreaterThan(700);
    expect(medianError(matches)).toBeLessThan(0.7);
    for (const { far, near } of estimateInverseDepthRanges(matches, views)) expect(near / far).toBeLessThan(5);
  });
});

describe.skipIf(!isPresent('temple'))('temple ring', () => {
  it('places every point in the bounding box that Middlebury publishes, with a small margin', async () => {
    const views = await load('temple', [0, 1, 2, 3, 4, 5]);
    const { points } = await findSparseMatches(views);
    expect(points.count).toBeGreaterThan(500);
    // README.txt: "The (tight) bounding box for the templeSparseRing model".
    const low = [-0.073568, 0.021728, -0.012445];
    const high = [0.028855, 0.181892, 0.062736];
    let outside = 0;
    for (let p = 0; p < points.count; p++) {
      const inside = [0, 1, 2].every((k) => {
        const value = points.positions[3 * p + k] as number;
        return value > (low[k] as number) - 0.01 && value < (high[k] as number) + 0.01;
      });
      if (!inside) outside++;
    }
    expect(outside / points.count).toBeLessThan(0.02);
  });
});
