/** Depth maps as pictures: exact in 16 bits, and in colours for the eye. */

/** Control points of the colour ramp, near to far: light yellow, orange, red-violet, dark blue; even in lightness. */
const RAMP: readonly (readonly [number, number, number])[] = [
  [252, 246, 190],
  [252, 184, 96],
  [238, 102, 92],
  [172, 52, 122],
  [92, 28, 128],
  [20, 14, 60],
];

export interface DepthLevels {
  /** [H, W] depth · unitsPerWorldUnit, rounded; 0 where nothing is drawn. */
  readonly levels: Uint16Array;
  /** Levels a world unit. */
  readonly levelsPerUnit: number;
}

const MAX_LEVEL = 65535;
/** Under this much of a pixel covered, its depth means nothing. */
const MIN_COVER = 0.5;

/** Expected depth Σwz / Σw of every pixel; 0 where less than half is covered. */
export function divideByAlpha(depth: Float32Array, alpha: Float32Array): Float32Array {
  return depth.map((value, i) => ((alpha[i] as number) >= MIN_COVER ? value / (alpha[i] as number) : 0));
}

/**
 * Depths as 16-bit levels. Without a given scale, the largest power of ten that fits the farthest depth is taken
 * (1000 is millimetres where the unit is a metre).
 */
export function quantizeDepth(depth: Float32Array, levelsPerUnit?: number): DepthLevels {
  let farthest = 0;
  for (const value of depth) if (value > farthest && Number.isFinite(value)) farthest = value;
  const scale = levelsPerUnit ?? (farthest > 0 ? 10 ** Math.floor(Math.log10(MAX_LEVEL / farthest)) : 1);
  const levels = new Uint16Array(depth.length);
  for (let i = 0; i < depth.length; i++) {
    const value = depth[i] as number;
    // Something drawn is at least level 1: level 0 is kept for nothing.
    if (value > 0) levels[i] = Math.min(MAX_LEVEL, Math.max(1, Math.round(value * scale)));
  }
  return { levels, levelsPerUnit: scale };
}

/** Bytes [H, W, 3]: near is light, far is dark, nothing is black. Spread over inverse depth between the 1st and 99th percentile. */
export function colorizeDepth(depth: Float32Array): Uint8Array {
  const known = depth.filter((value) => value > 0 && Number.isFinite(value)).sort();
  const bytes = new Uint8Array(depth.length * 3);
  if (known.length === 0) return bytes;
  const near = 1 / (known[Math.round((known.length - 1) * 0.01)] as number);
  const far = 1 / (known[Math.round((known.length - 1) * 0.99)] as number);
  for (let i = 0; i < depth.length; i++) {
    const value = depth[i] as number;
    if (!(value > 0)) continue;
    const fraction = near > far ? (near - 1 / value) / (near - far) : 0;
    const place = Math.min(1, Math.max(0, fraction)) * (RAMP.length - 1);
    const index = Math.min(RAMP.length - 2, Math.floor(place));
    const [a, b] = [RAMP[index], RAMP[index + 1]] as [readonly number[], readonly number[]];
    for (let c = 0; c < 3; c++) {
      const low = a[c] as number;
      bytes[i * 3 + c] = Math.round(low + ((b[c] as number) - low) * (place - index));
    }
  }
  return bytes;
}
