/** What stands behind the addresses of electron/ipc/media.ts. */
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaAddress } from '../ipc/media.js';
import type { MediaBody } from './app-service.js';
import type { FilesJob } from './files-job.js';
import { photoSourceOf } from './photo-list.js';
import type { ServiceContext } from './service-context.js';

const BINARY = 'application/octet-stream';
const JPEG = 'image/jpeg';
/** Photos beside the rendering need no more than a screen shows. */
const PICTURE_LONG_SIDE_PX = 1600;

type Parts = Pick<ServiceContext, 'scene' | 'photos' | 'sensors' | 'exports'> & {
  readonly files: FilesJob;
  readonly pictureFolder: string;
};

export class MediaSource {
  /** Pictures that are being made: two windows that ask for one wait for the same. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly parts: Parts) {}

  /** null: there is no such thing (any more). */
  async find({ kind, id }: MediaAddress): Promise<MediaBody | null> {
    if (kind === 'thumbnail') {
      const file = this.parts.photos.thumbnailFile(id);
      return file === null ? null : { contentType: JPEG, body: { file } };
    }
    if (kind === 'picture') return this.findPicture(id);
    if (kind === 'export') {
      const found = this.parts.exports.find(id);
      return found === null ? null : { contentType: BINARY, body: { file: found.file }, fileName: found.fileName };
    }
    const bytes = kind === 'cloud' ? this.parts.sensors.picture(id) : this.parts.scene.bytes(kind, id);
    return bytes === null ? null : { contentType: BINARY, body: new Uint8Array(bytes) };
  }

  private async findPicture(id: string): Promise<MediaBody | null> {
    const photo = this.parts.photos.find(id);
    if (photo === null) return null;
    const source = photoSourceOf(photo);
    // Another camera makes another picture of the same photo.
    const version = createHash('sha256')
      .update(JSON.stringify([source.file, source.pose]))
      .digest('hex')
      .slice(0, 16);
    const outputFile = join(this.parts.pictureFolder, `${id}.${version}.picture.jpg`);
    const making = this.underWay.get(outputFile) ?? this.makePicture(source, outputFile);
    this.underWay.set(outputFile, making);
    try {
      await making;
      return { contentType: JPEG, body: { file: outputFile } };
    } catch {
      return null;
    } finally {
      this.underWay.delete(outputFile);
    }
  }

  private async makePicture(photo: ReturnType<typeof photoSourceOf>, outputFile: string): Promise<void> {
    const isThere = await access(outputFile).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await this.parts.files.run({ kind: 'make-picture', photo, longSidePx: PICTURE_LONG_SIDE_PX, outputFile });
  }
}
