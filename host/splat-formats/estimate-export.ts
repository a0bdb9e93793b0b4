import { shCoefficientCount } from '../../engine/scene/splats.js';
import type { WrittenFormat } from './format-names.js';

/** Bytes of the page and its viewer without a scene. */
const PAGE_BYTES = 2_975_000;
const PALETTE_LIMIT = 65536;

/** Coefficients of the three channels above degree 0. */
const restOf = (shDegree: number): number => (shCoefficientCount(shDegree) - 1) * 3;

/** Measured on real scenes of 1,000 to 152,746 splats; harmonics in a palette of at most 65,536 sets, and two bytes to point at one. */
function estimateSog(count: number, shDegree: number): number {
  const palette = Math.min(PALETTE_LIMIT, 2 ** Math.floor(Math.log2(Math.max(1, count))));
  const harmonics = shDegree === 0 ? 0 : 5_000 + count * 1.5 + palette * restOf(shDegree) * 0.75;
  return 9_000 + count * 13.5 + harmonics;
}

/** Bytes that a scene will take in a format, to within a quarter for scenes from photos; those packed well or badly differ. */
export function estimateExportBytes(count: number, shDegree: number, format: WrittenFormat): number {
  const rest = restOf(shDegree);
  const bytes: Record<WrittenFormat, () => number> = {
    ply: () => 1_600 + count * 248,
    'compressed-ply': () => 700 + count * (16 + 72 / 256 + rest),
    spz: () => 100 + count * (14.4 + rest * 0.17),
    splat: () => count * 32,
    sog: () => estimateSog(count, shDegree),
    glb: () => 1_000 + count * (60 + rest * 4) + rest * 60,
    html: () => PAGE_BYTES + (estimateSog(count, shDegree) * 4) / 3,
  };
  return Math.round(bytes[format]());
}
