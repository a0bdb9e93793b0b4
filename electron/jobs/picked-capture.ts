/** The photos that the host sends, as a capture that the pipeline can open: no folder is searched, nothing else is read. */
import { basename } from 'node:path';
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { baseName } from '../../engine/formats/capture-files.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { CaptureView } from '../../engine/scene/view.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import { withPhotos } from '../../host/run/capture-input.js';
import { readInputFile } from '../../host/run/input-file.js';
import type { PhotoSource } from '../ipc/job-contract.js';

/** Where messages and the pipeline see a photo's mask. */
function maskPathOf({ path, maskFile }: PhotoSource): string | null {
  return maskFile === null ? null : `${path} (mask ${basename(maskFile)})`;
}

async function readAs(shown: string, file: string): Promise<Uint8Array> {
  try {
    return await readInputFile(file);
  } catch (error) {
    // The user knows the photo under its path in what was dropped.
    if (error instanceof ImportError) throw new ImportError(error.code, error.problem, shown, error.where, error.hint);
    throw error;
  }
}

export function filesOfPhotos(photos: readonly PhotoSource[]): CaptureFiles {
  const files = new Map<string, string>();
  for (const photo of photos) {
    files.set(photo.path, photo.file);
    if (photo.maskFile !== null) files.set(maskPathOf(photo) as string, photo.maskFile);
  }
  return {
    label: 'the photos',
    list: () => Promise.resolve([...files.keys()]),
    has: (path) => Promise.resolve(files.has(path)),
    read: (path) => {
      const file = files.get(path);
      if (file === undefined)
        return Promise.reject(new ImportError('not-found', 'There is no such photo.', path, '', 'Add it again.'));
      return readAs(path, file);
    },
  };
}

function viewOf(photo: PhotoSource, name: string): CaptureView {
  if (photo.pose === null)
    throw new ImportError(
      'malformed',
      'The camera of this photo is not known.',
      photo.path,
      '',
      'Add its pose file, or leave the photo out.',
    );
  const { camera, distortion, openIntrinsics } = photo.pose;
  return {
    name,
    imagePath: photo.path,
    maskPath: maskPathOf(photo),
    camera,
    distortion,
    ...(openIntrinsics === null ? {} : { openIntrinsics }),
  };
}

/**
 * Views are sorted by name, which is the file's where that tells them apart.
 *
 * @param origin see `Capture.origin`.
 * @throws ImportError 'malformed' for a photo without a camera.
 */
export function openPickedPhotos(photos: readonly PhotoSource[], origin?: Vec3): OpenedCapture {
  const names = photos.map(({ path }) => baseName(path));
  const isUnique = new Set(names).size === names.length;
  const views = photos.map((photo, i) =>
    viewOf(photo, isUnique ? (names[i] as string) : photo.path.replaceAll('/', '_')),
  );
  views.sort((a, b) => (a.name < b.name ? -1 : 1));
  // The format only tells where the poses came from; nothing here depends on it.
  const counted = origin === undefined ? {} : { origin };
  return withPhotos({ format: 'transforms-json', views, warnings: [], ...counted }, filesOfPhotos(photos));
}
