/** A photo as the viewer lays it over the rendering: undistorted, so that it fits a pinhole camera. */
import sharp from 'sharp';
import type { RgbImage } from '../../engine/scene/view.js';
import { writeFileAtomic } from '../../host/atomic-write.js';
import { makeThumbnail } from '../../host/photo-decoder.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';
import { openPickedPhotos } from './picked-capture.js';
import type { TaskContext } from './serve-tasks.js';

const JPEG_QUALITY = 88;

async function encodeJpeg({ width, height, data }: RgbImage): Promise<Uint8Array> {
  const pixels = Uint8Array.from(data, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}

export async function makePicture(
  { photo, longSidePx, outputFile }: TaskOf<'make-picture'>,
  { signal }: TaskContext,
): Promise<TaskResult<'make-picture'>> {
  if (photo.pose === null) {
    const { jpeg } = await makeThumbnail(photo.file, photo.path, longSidePx);
    await writeFileAtomic(outputFile, jpeg);
    return {};
  }
  const capture = openPickedPhotos([photo]);
  const { views } = await capture.load(capture.views, { longSide: longSidePx }, { signal });
  const image = views[0]?.image;
  if (image === undefined) throw new Error(`${photo.path} gave no picture`);
  await writeFileAtomic(outputFile, await encodeJpeg(image));
  return {};
}
