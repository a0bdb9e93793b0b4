/** Found cameras into COLMAP's cameras.bin, images.bin and points3D.bin (https://colmap.github.io/format.html, "Binary file format"). */
import { quaternionOfRotation } from '../math/conventions.js';
import type { SparseModel } from '../scene/sparse-model.js';
import { COLMAP_CAMERA_MODELS } from './colmap-model.js';

const OPENCV = COLMAP_CAMERA_MODELS.findIndex(({ name }) => name === 'OPENCV');
/** "No point" of a keypoint: the largest uint64. */
const NO_POINT = 0xffff_ffff_ffff_ffffn;
const CAMERA_BYTES = 24 + 8 * 8;
const IMAGE_BYTES = 4 + 7 * 8 + 4 + 1 + 8;
const KEYPOINT_BYTES = 24;
const POINT_BYTES = 8 + 24 + 3 + 8 + 8;
const TRACK_ENTRY_BYTES = 8;

export interface ColmapFiles {
  readonly cameras: Uint8Array;
  readonly images: Uint8Array;
  readonly points: Uint8Array;
}

/** Little-endian records into a buffer of known length. */
class RecordWriter {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }

  uint8(...values: readonly number[]): void {
    for (const value of values) this.view.setUint8(this.at++, value);
  }

  uint32(...values: readonly number[]): void {
    for (const value of values) {
      this.view.setUint32(this.at, value, true);
      this.at += 4;
    }
  }

  uint64(...values: readonly (number | bigint)[]): void {
    for (const value of values) {
      this.view.setBigUint64(this.at, BigInt(value), true);
      this.at += 8;
    }
  }

  float64(...values: readonly number[]): void {
    for (const value of values) {
      this.view.setFloat64(this.at, value, true);
      this.at += 8;
    }
  }

  name(encoded: Uint8Array): void {
    this.bytes.set(encoded, this.at);
    this.at += encoded.length + 1;
  }
}

function writeCameras({ lenses }: SparseModel): Uint8Array {
  const out = new RecordWriter(8 + lenses.length * CAMERA_BYTES);
  out.uint64(lenses.length);
  lenses.forEach(({ intrinsics, distortion }, index) => {
    out.uint32(index + 1, OPENCV);
    out.uint64(intrinsics.width, intrinsics.height);
    out.float64(intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy);
    out.float64(distortion?.k1 ?? 0, distortion?.k2 ?? 0, distortion?.p1 ?? 0, distortion?.p2 ?? 0);
  });
  return out.bytes;
}

/** Per photo, per keypoint: the id of its point, which is its index plus one as COLMAP's begin there. */
function pointIds({ photos, points }: SparseModel): BigUint64Array[] {
  const ids = photos.map(({ keypointsPx }) => new BigUint64Array(keypointsPx.length / 2).fill(NO_POINT));
  for (let i = 0; i < points.count; i++)
    for (let entry = points.trackStarts[i] as number; entry < (points.trackStarts[i + 1] as number); entry++) {
      const ofPhoto = ids[points.trackPhotos[entry] as number] as BigUint64Array;
      ofPhoto[points.trackKeypoints[entry] as number] = BigInt(i + 1);
    }
  return ids;
}

function writeImages(model: SparseModel): Uint8Array {
  const encoder = new TextEncoder();
  const names = model.photos.map(({ imagePath }) => encoder.encode(imagePath.replace(/^images\//, '')));
  const keypointCount = model.photos.reduce((sum, { keypointsPx }) => sum + keypointsPx.length / 2, 0);
  const nameBytes = names.reduce((sum, { length }) => sum + length, 0);
  const out = new RecordWriter(8 + model.photos.length * IMAGE_BYTES + nameBytes + keypointCount * KEYPOINT_BYTES);
  const ids = pointIds(model);
  out.uint64(model.photos.length);
  model.photos.forEach(({ lens, cameraFromWorld, keypointsPx }, index) => {
    out.uint32(index + 1);
    out.float64(...quaternionOfRotation(cameraFromWorld.rotation), ...cameraFromWorld.translation);
    out.uint32(lens + 1);
    out.name(names[index] as Uint8Array);
    out.uint64(keypointsPx.length / 2);
    (ids[index] as BigUint64Array).forEach((id, keypoint) => {
      out.float64(keypointsPx[keypoint * 2] as number, keypointsPx[keypoint * 2 + 1] as number);
      out.uint64(id);
    });
  });
  return out.bytes;
}

function writePoints({ points }: SparseModel): Uint8Array {
  const out = new RecordWriter(8 + points.count * POINT_BYTES + points.trackPhotos.length * TRACK_ENTRY_BYTES);
  out.uint64(points.count);
  for (let i = 0; i < points.count; i++) {
    const [start, end] = [points.trackStarts[i] as number, points.trackStarts[i + 1] as number];
    out.uint64(i + 1);
    out.float64(...points.positions.subarray(i * 3, i * 3 + 3));
    out.uint8(...points.colors.subarray(i * 3, i * 3 + 3));
    out.float64(points.errorsPx[i] as number);
    out.uint64(end - start);
    for (let entry = start; entry < end; entry++)
      out.uint32((points.trackPhotos[entry] as number) + 1, points.trackKeypoints[entry] as number);
  }
  return out.bytes;
}

/**
 * Writes a sparse model, OPENCV cameras, ids from 1. Names are relative to `images/` as COLMAP wants them, UTF-8. COLMAP's axes, pixels and
 * lens model are ours.
 *
 * @returns what belongs into `sparse/0/`.
 */
export function writeColmapBinary(model: SparseModel): ColmapFiles {
  return { cameras: writeCameras(model), images: writeImages(model), points: writePoints(model) };
}
