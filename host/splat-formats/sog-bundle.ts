import { zipSync } from 'fflate';
import { writeSog } from '../../engine/formats/write-sog.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { SplatTransform } from './splat-transform.js';

/** Progress when the textures are made and only wait to be compressed. */
const ENCODED_FRACTION = 0.8;
/** ZIP knows no time before 1980; the same scene makes the same file. */
const TIMELESS = new Date(1980, 0, 1);

/**
 * A `.sog`: its own writer decides on the textures (splat-transform's takes hours for the harmonics without a GPU), splat-transform's
 * codec compresses them.
 */
export async function makeSogBundle(
  library: SplatTransform,
  splats: Splats,
  generator: string,
  report: (fraction: number) => void,
): Promise<Uint8Array> {
  const codec = await library.WebPCodec.create();
  const sog = writeSog(splats, { generator, onProgress: (fraction) => report(ENCODED_FRACTION * fraction) });
  const files: Record<string, Uint8Array> = { 'meta.json': new TextEncoder().encode(sog.meta) };
  sog.textures.forEach(({ name, rgba, width, height }, index) => {
    files[name] = codec.encodeLosslessRGBA(rgba, width, height);
    report(ENCODED_FRACTION + ((1 - ENCODED_FRACTION) * (index + 1)) / sog.textures.length);
  });
  // The pictures are compressed already.
  return zipSync(files, { level: 0, mtime: TIMELESS });
}
