/** Cameras as files: nerfstudio's transforms.json, COLMAP's sparse/0, and a report. */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { writeColmapBinary } from '../../engine/formats/write-colmap-binary.js';
import { writeTransformsJson } from '../../engine/formats/write-transforms-json.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import { writeFileAtomic } from '../atomic-write.js';
import { pathInFolder } from '../capture-folder.js';
import type { SearchedCameras } from './find-cameras-with.js';

export const POSE_FILES = {
  transforms: 'transforms.json',
  sparse: join('sparse', '0'),
  report: 'poses-report.json',
} as const;

/** What the report says, for other programs. */
export function reportPoses(found: SearchedCameras): object {
  return {
    finder: found.finder,
    photos: found.photos,
    features: found.features,
    cameraNetwork: found.cameraNetwork ?? null,
    placed: found.photos.filter(({ isPlaced }) => isPlaced).length,
    medianErrorPx: Number.isFinite(found.medianErrorPx) ? found.medianErrorPx : null,
    points: found.model?.points.count ?? 0,
    upConfidence: found.upConfidence,
    lenses: found.model?.lenses ?? [],
  };
}

/**
 * @param report what poses-report.json says. @param imagePathIn how transforms.json names a photo: relative to the folder, or absolute, with
 * forward slashes.
 */
export async function writePoses(
  folder: string,
  model: SparseModel,
  report: object,
  imagePathIn: (imagePath: string) => string,
): Promise<void> {
  const withPaths = (pathOf: (imagePath: string) => string): SparseModel => ({
    ...model,
    photos: model.photos.map((photo) => ({ ...photo, imagePath: pathOf(photo.imagePath) })),
  });
  const sparse = join(folder, POSE_FILES.sparse);
  await mkdir(sparse, { recursive: true });
  const { cameras, images, points } = writeColmapBinary(withPaths(pathInFolder));
  await writeFileAtomic(join(sparse, 'cameras.bin'), cameras);
  await writeFileAtomic(join(sparse, 'images.bin'), images);
  await writeFileAtomic(join(sparse, 'points3D.bin'), points);
  await writeFileAtomic(join(folder, POSE_FILES.report), `${JSON.stringify(report, null, 2)}\n`);
  await writeFileAtomic(join(folder, POSE_FILES.transforms), writeTransformsJson(withPaths(imagePathIn), null));
}
