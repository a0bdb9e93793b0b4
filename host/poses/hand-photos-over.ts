/** Photos as another program can take them: JPEG, upright, under plain names, one folder a lens. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { estimateFocal } from '../../engine/poses/focal-prior.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { yieldToHost } from '../../engine/scene/stage.js';
import { readPhotoExif } from '../features/photo-exif.js';
import { encodeUpright, measurePhoto } from '../photo-decoder.js';
import { lensKeyOf } from './find-photo-cameras.js';
import { namePhotos } from './photo-files.js';

/** COLMAP looks at no larger ones (SiftExtraction.max_image_size). */
const LONG_SIDE_PX = 3200;
const QUALITY = 95;
/** The focal length on film whose photo COLMAP takes to be as wide as the focal length is long (its Bitmap::ExifFocalLength). */
const FILM_MM = 35;

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface HandedPhoto {
  /** What people call it; unique. */
  readonly name: string;
  /** Relative to the capture's root, with forward slashes. */
  readonly imagePath: string;
  /** Upright. */
  readonly fileSize: Size;
  /** Relative to the folder that the photos were handed over in, with forward slashes. */
  readonly handedName: string;
  readonly handedSize: Size;
}

export interface HandedPhotos {
  readonly photos: readonly HandedPhoto[];
  /** Photos that could not be read. */
  readonly problems: readonly ImportError[];
}

/** The focal length that the photo's own camera states, as a camera for film would state it. */
function stateFocal(size: Size, exif: Awaited<ReturnType<typeof readPhotoExif>>): { focal35Mm?: number } {
  const { focalPx, source } = estimateFocal(size, exif);
  return source === 'guess' ? {} : { focal35Mm: (FILM_MM * focalPx) / Math.max(size.width, size.height) };
}

/**
 * Writes copies of photos. Not the photos themselves: other programs know fewer formats, take EXIF's orientation for nothing, and stumble
 * over names.
 *
 * @param imagePaths sorted. Photos that cannot be read are named and left out.
 * @param folder is made.
 * @param areLensesSeparate every photo has a folder of its own; otherwise photos that one camera took with one setting share theirs.
 * @throws the signal's reason when aborted.
 */
export async function handPhotosOver(
  files: CaptureFiles,
  imagePaths: readonly string[],
  folder: string,
  areLensesSeparate: boolean,
  context: StageContext,
): Promise<HandedPhotos> {
  const names = namePhotos(imagePaths);
  const lensKeys: string[] = [];
  const photos: HandedPhoto[] = [];
  const problems: ImportError[] = [];
  for (const [i, imagePath] of imagePaths.entries()) {
    await yieldToHost(context);
    try {
      const bytes = await files.read(imagePath);
      const [size, exif] = [await measurePhoto(bytes, imagePath), await readPhotoExif(bytes)];
      const settings = { longSide: LONG_SIDE_PX, quality: QUALITY, ...stateFocal(size, exif) };
      const upright = await encodeUpright(bytes, imagePath, settings);
      const key = areLensesSeparate ? imagePath : lensKeyOf(size, exif);
      if (!lensKeys.includes(key)) lensKeys.push(key);
      const lens = `lens-${lensKeys.indexOf(key) + 1}`;
      const handedName = `${lens}/${String(i + 1).padStart(6, '0')}.jpg`;
      await mkdir(join(folder, lens), { recursive: true });
      await writeFile(join(folder, handedName), upright.jpeg);
      const handedSize = { width: upright.encodedWidth, height: upright.encodedHeight };
      photos.push({ name: names[i]!, imagePath, fileSize: size, handedName, handedSize });
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      problems.push(error);
    }
    context.onProgress?.((i + 1) / imagePaths.length, imagePath);
  }
  return { photos, problems };
}
