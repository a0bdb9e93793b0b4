/** EXIF of a photo file. */
import sharp from 'sharp';
import { readExif } from '../../engine/formats/read-exif.js';
import type { PhotoExif } from '../../engine/scene/photo-exif.js';
import { sniffPhotoFormat } from '../photo-decoder.js';

/** What a photo's camera wrote about lens and sensor, or null when there is nothing, or the file is no photo that can be read. Never throws. */
export async function readPhotoExif(bytes: Uint8Array): Promise<PhotoExif | null> {
  // sharp would also open formats that name further files.
  if (sniffPhotoFormat(bytes) === null) return null;
  try {
    const { exif } = await sharp(bytes, { limitInputPixels: false, pages: 1 }).metadata();
    return exif === undefined ? null : readExif(exif);
  } catch {
    return null;
  }
}
