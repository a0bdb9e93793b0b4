/** COLMAP's sparse points, points3D.bin and points3D.txt (https://colmap.github.io/format.html). */
import { ImportError } from '../scene/errors.js';
import { ByteCursor } from './byte-cursor.js';
import { decimalsOf, linesOf, wordsOf } from './text-records.js';

/** Sparse points and the keypoints that each was triangulated from: a struct of arrays, N points, T track entries. */
export interface ColmapPoints {
  readonly count: number;
  /** [N, 3] world units; as stored, so NaN is possible. */
  readonly positions: Float64Array;
  /** [N, 3] */
  readonly colours: Uint8Array;
  /** [N] mean reprojection error in pixels. */
  readonly errorsPx: Float64Array;
  /** [N + 1]; entries trackStarts[i] to trackStarts[i + 1] of the two arrays below belong to point i. */
  readonly trackStarts: Uint32Array;
  /** [T] */
  readonly trackImageIds: Uint32Array;
  /** [T] index into the image's keypoints. */
  readonly trackKeypoints: Uint32Array;
}

/** id, position, colour, error, track length */
const MIN_POINT_BYTES = 8 + 24 + 3 + 8 + 8;
const TRACK_ENTRY_BYTES = 8;
/** id, position, colour, error */
const POINT_NUMBERS = 8;

function createPoints(count: number, trackLength: number): ColmapPoints {
  return {
    count,
    positions: new Float64Array(count * 3),
    colours: new Uint8Array(count * 3),
    errorsPx: new Float64Array(count),
    trackStarts: new Uint32Array(count + 1),
    trackImageIds: new Uint32Array(trackLength),
    trackKeypoints: new Uint32Array(trackLength),
  };
}

/** The arrays are allocated only when every record has been seen to fit. */
function totalTrackLength(bytes: Uint8Array, file: string): { count: number; trackLength: number } {
  const cursor = new ByteCursor(bytes, file);
  const count = cursor.count(MIN_POINT_BYTES, 'points');
  let trackLength = 0;
  for (let i = 0; i < count; i++) {
    cursor.take(MIN_POINT_BYTES - 8, `point ${i}`);
    const length = cursor.count(TRACK_ENTRY_BYTES, `track entries of point ${i}`);
    cursor.take(length * TRACK_ENTRY_BYTES, `point ${i}`);
    trackLength += length;
  }
  cursor.expectEnd();
  return { count, trackLength };
}

/** Reads points3D.bin. @throws ImportError 'truncated', 'malformed' for left-over bytes. */
export function readColmapPointsBinary(bytes: Uint8Array, file: string): ColmapPoints {
  const { count, trackLength } = totalTrackLength(bytes, file);
  const points = createPoints(count, trackLength);
  const cursor = new ByteCursor(bytes, file);
  cursor.take(8, 'the number of points');
  let entry = 0;
  for (let i = 0; i < count; i++) {
    const what = `point ${i}`;
    cursor.take(8, what);
    for (let axis = 0; axis < 3; axis++) points.positions[i * 3 + axis] = cursor.float64(what);
    for (let channel = 0; channel < 3; channel++) points.colours[i * 3 + channel] = cursor.uint8(what);
    points.errorsPx[i] = cursor.float64(what);
    for (let left = cursor.uint64(what); left > 0; left--) {
      points.trackImageIds[entry] = cursor.uint32(what);
      points.trackKeypoints[entry] = cursor.uint32(what);
      entry++;
    }
    points.trackStarts[i + 1] = entry;
  }
  return points;
}

/**
 * Reads points3D.txt: `POINT3D_ID X Y Z R G B ERROR TRACK[] as (IMAGE_ID, POINT2D_IDX)` a line.
 *
 * @throws ImportError 'malformed' with the line.
 */
export function readColmapPointsText(bytes: Uint8Array, file: string): ColmapPoints {
  const rows: number[][] = [];
  linesOf(bytes, file).forEach((line, i) => {
    const words = wordsOf(line);
    if (words.length === 0 || words[0]?.startsWith('#')) return;
    const numbers = decimalsOf(words, file, `line ${i + 1}`);
    if (numbers.length < POINT_NUMBERS || (numbers.length - POINT_NUMBERS) % 2 !== 0)
      throw new ImportError(
        'malformed',
        'A point needs an id, a position, a colour, an error, and pairs of image and keypoint.',
        file,
        `line ${i + 1}`,
        'Correct this line or export the model again.',
      );
    rows.push(numbers);
  });
  const points = createPoints(
    rows.length,
    rows.reduce((sum, row) => sum + (row.length - POINT_NUMBERS) / 2, 0),
  );
  let entry = 0;
  rows.forEach((row, i) => {
    points.positions.set(row.slice(1, 4), i * 3);
    points.colours.set(row.slice(4, 7), i * 3);
    points.errorsPx[i] = row[7] as number;
    for (let at = POINT_NUMBERS; at < row.length; at += 2, entry++) {
      points.trackImageIds[entry] = row[at] as number;
      points.trackKeypoints[entry] = row[at + 1] as number;
    }
    points.trackStarts[i + 1] = entry;
  });
  return points;
}
