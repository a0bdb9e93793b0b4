import type { OpenCloudOptions } from '../../engine/formats/cloud-formats.js';
import type { CloudReader } from '../../engine/formats/cloud-reader.js';
import { openCloud } from '../../engine/formats/open-cloud.js';
import { openFileSource } from './file-source.js';
import { openLazThread } from './laz-thread.js';

export interface OpenedCloud {
  readonly reader: CloudReader;
  /** Closes the file; no batch may be asked for afterwards. */
  readonly close: () => Promise<void>;
}

/** Opens a cloud that the user named, in any format that can be read. @throws ImportError for everything that is wrong with the file. */
export async function openCloudFile(
  path: string,
  options: Omit<OpenCloudOptions, 'openLazDecoder'> = {},
): Promise<OpenedCloud> {
  const source = await openFileSource(path);
  try {
    const reader = await openCloud(source, { ...options, openLazDecoder: () => openLazThread() });
    return { reader, close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}
