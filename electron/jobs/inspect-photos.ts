/** A first look at photos: can each be decoded, how large is it, and what does it look like? */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../host/atomic-write.js';
import { makeThumbnail } from '../../host/photo-decoder.js';
import type { PhotoFacts, PhotoSource, TaskOf, TaskResult } from '../ipc/job-contract.js';
import { describeFailure } from './describe-failure.js';
import type { TaskContext } from './serve-tasks.js';

const THUMBNAIL_LONG_SIDE_PX = 320;
/** libvips has threads of its own; more photos at once would only take more memory. */
const AT_ONCE = 2;

async function inspectPhoto(photo: PhotoSource, folder: string): Promise<PhotoFacts> {
  const { jpeg, width, height } = await makeThumbnail(photo.file, photo.path, THUMBNAIL_LONG_SIDE_PX);
  const thumbnailFile = join(folder, `${photo.photoId}.jpg`);
  await writeFileAtomic(thumbnailFile, jpeg);
  return { width, height, thumbnailFile };
}

export async function inspectPhotos(
  { photos, thumbnailFolder }: TaskOf<'inspect-photos'>,
  { tell, signal }: TaskContext,
): Promise<TaskResult<'inspect-photos'>> {
  await mkdir(thumbnailFolder, { recursive: true });
  const waiting = [...photos];
  const work = async (): Promise<void> => {
    for (let photo = waiting.shift(); photo !== undefined; photo = waiting.shift()) {
      signal.throwIfAborted();
      const { photoId } = photo;
      try {
        tell({ type: 'photo', photoId, facts: await inspectPhoto(photo, thumbnailFolder), problem: null });
      } catch (error) {
        const { message, hint } = describeFailure(error, false);
        tell({ type: 'photo', photoId, facts: null, problem: { message, hint } });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return {};
}
