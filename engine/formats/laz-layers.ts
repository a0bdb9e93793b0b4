/**
 * How a chunk of point formats 6 to 10 is laid out: its first point as it is, its number of points, the sizes of its layers, and the layers
 * (the third version of LASzip's compression: a code of its own for each part of a point).
 */

/** Layers of a part by LASzip's type number: nine of a point (x and y, z, class, flags, intensity, angle, user data, source, time). */
const LAYERS: Readonly<Record<number, number>> = { 10: 9, 11: 1, 12: 2, 13: 1 };
const EXTRA_BYTES_TYPE = 14;
const ITEM_BYTES = 6;

/**
 * Whether the sizes that a layered chunk states fit the chunk; decompressors take memory by them.
 *
 * @returns null where they do, or what is wrong in words
 */
export function findLayerProblem(
  chunk: Uint8Array,
  { points, recordBytes, items }: { readonly points: number; readonly recordBytes: number; readonly items: Uint8Array },
): string | null {
  const layers = countLayers(items);
  const head = recordBytes + 4 + 4 * layers;
  if (chunk.length < head) return 'it ends before its layers';
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const stated = view.getUint32(recordBytes, true);
  if (stated !== points) return `it says that it holds ${stated} points, and the table says ${points}`;
  let end = head;
  for (let layer = 0; layer < layers; layer++) end += view.getUint32(recordBytes + 4 + 4 * layer, true);
  return end > chunk.length ? `its layers take ${end} bytes, and it has ${chunk.length}` : null;
}

/** Each extra byte is a layer. */
function countLayers(items: Uint8Array): number {
  const view = new DataView(items.buffer, items.byteOffset, items.byteLength);
  let layers = 0;
  for (let at = 0; at < items.length; at += ITEM_BYTES) {
    const type = view.getUint16(at, true);
    layers += type === EXTRA_BYTES_TYPE ? view.getUint16(at + 2, true) : (LAYERS[type] ?? 0);
  }
  return layers;
}
