/** A sensor's points as one block of bytes: what the job process, the host and the window hand on. */
import { ShapeError } from './errors.js';
import type { CloudFrame, PointFieldData, SensorPoints } from './sensor-points.js';

/** "VPTS", little-endian. */
const MARK = 0x53545056;
const MAX_HEADER_BYTES = 1 << 20;

interface Header {
  readonly count: number;
  readonly origin: readonly [number, number, number];
  readonly hasColors: boolean;
  readonly fields: readonly string[];
  readonly frame: CloudFrame;
}

const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/**
 * Little-endian: u32 mark, u32 bytes of a JSON header (padded with spaces to 4), then float32 positions [N, 3], float32 of each field [N] in
 * the header's order, u8 colours [N, 3] where there are some. Fields that were float64 are rounded to float32: this is for looking at.
 *
 * @throws ShapeError when an array does not fit the count.
 */
export function encodeSensorPoints(points: SensorPoints): Uint8Array<ArrayBuffer> {
  const { count, origin, positions, colors, fields, frame } = points;
  if (positions.length !== count * 3 || (colors !== null && colors.length !== count * 3))
    throw new ShapeError(`${count} points need ${count * 3} coordinates and as many colours`);
  for (const [name, values] of fields)
    if (values.length !== count) throw new ShapeError(`field ${name} has ${values.length} values for ${count} points`);
  const header: Header = { count, origin, hasColors: colors !== null, fields: [...fields.keys()], frame };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = padded(text.length);
  const bytes = new Uint8Array(8 + headerBytes + count * (12 + 4 * fields.size + (colors === null ? 0 : 3)));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MARK, true);
  view.setUint32(4, headerBytes, true);
  bytes.fill(0x20, 8, 8 + headerBytes);
  bytes.set(text, 8);
  let at = 8 + headerBytes;
  const write = (values: ArrayLike<number>): void => {
    new Float32Array(bytes.buffer, at, values.length).set(values);
    at += 4 * values.length;
  };
  write(positions);
  for (const values of fields.values()) write(values);
  if (colors !== null) bytes.set(colors, at);
  return bytes;
}

/** Takes the bytes of `encodeSensorPoints` apart. The arrays lie in `bytes`. Null when they are something else. */
export function decodeSensorPoints(bytes: ArrayBuffer): SensorPoints | null {
  if (bytes.byteLength < 8) return null;
  const view = new DataView(bytes);
  const headerBytes = view.getUint32(4, true);
  if (view.getUint32(0, true) !== MARK || headerBytes > MAX_HEADER_BYTES || headerBytes % 4 !== 0) return null;
  if (8 + headerBytes > bytes.byteLength) return null;
  const header = parseHeader(new TextDecoder().decode(new Uint8Array(bytes, 8, headerBytes)));
  if (header === null) return null;
  const { count, origin, hasColors, fields: names, frame } = header;
  const wanted = 8 + headerBytes + count * (12 + 4 * names.length + (hasColors ? 3 : 0));
  if (bytes.byteLength !== wanted) return null;
  let at = 8 + headerBytes;
  const read = (length: number): Float32Array => {
    const values = new Float32Array(bytes, at, length);
    at += 4 * length;
    return values;
  };
  const positions = read(3 * count);
  const fields = new Map<string, PointFieldData>(names.map((name) => [name, read(count)]));
  const colors = hasColors ? new Uint8Array(bytes, at, 3 * count) : null;
  return { count, origin, positions, colors, fields, frame };
}

function parseHeader(text: string): Header | null {
  try {
    const header = JSON.parse(text) as Header;
    const isWhole =
      Number.isSafeInteger(header.count) &&
      header.count >= 0 &&
      Array.isArray(header.origin) &&
      header.origin.length === 3 &&
      header.origin.every(Number.isFinite) &&
      Array.isArray(header.fields) &&
      typeof header.frame === 'object';
    return isWhole ? header : null;
  } catch {
    return null;
  }
}
