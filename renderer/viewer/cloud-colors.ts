/** What the points of sensors are coloured by, and what the colours stand for. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { colorOfHex, depthColor } from './color-scales.js';
import { mix } from './vector-math.js';

export const COLOURINGS = ['own', 'height', 'intensity', 'velocity', 'rcs', 'residual'] as const;
export type Colouring = (typeof COLOURINGS)[number];

/** From below over nothing to above: blue and orange, which all eyes tell apart, with a pale middle that prints. */
const SIGNED_STOPS = ['#2b5fb8', '#7fa6dc', '#e9e9e6', '#eca468', '#b9530f'];
/** Points that have no such value. */
const NO_VALUE: Vec3 = [0.55, 0.57, 0.6];
const SAMPLES = 20_000;
const STEPS = 256;

/** Values that colours stand for: a range of them, or one about zero. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
  readonly isSigned: boolean;
}

export const isSigned = (colouring: Colouring): boolean => colouring === 'velocity' || colouring === 'residual';

/** Velocity: without the sensor's own motion where that is known. */
export function speedField({ fields }: Pick<SensorPoints, 'fields'>): string | null {
  return ['compensatedRadialSpeed', 'radialSpeed'].find((name) => fields.has(name)) ?? null;
}

/** Coordinates along a direction, in float64. */
export function heightsOf(positions: Float32Array, up: Vec3, offset = 0): Float32Array {
  return Float32Array.from(
    { length: positions.length / 3 },
    (_, i) => positions[3 * i]! * up[0] + positions[3 * i + 1]! * up[1] + positions[3 * i + 2]! * up[2] + offset,
  );
}

/**
 * The range between the 2nd and the 98th percentile of all values together, so that a stray point takes no colours from the others; about
 * zero where values are signed. Null without a finite value.
 */
export function rangeOf(lists: readonly ArrayLike<number>[], signed: boolean): ValueRange | null {
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  const step = Math.max(1, Math.floor(total / SAMPLES));
  const values: number[] = [];
  for (const list of lists)
    for (let i = 0; i < list.length; i += step) if (Number.isFinite(list[i])) values.push(list[i] as number);
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] as number;
  const [low, high] = [at(0.02), at(0.98)];
  if (!signed) return { low, high: high > low ? high : low + 1, isSigned: false };
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return { low: reach > 0 ? -reach : -1, high: reach > 0 ? reach : 1, isSigned: true };
}

function signedColor(share: number): Vec3 {
  const place = Math.min(1, Math.max(0, share)) * (SIGNED_STOPS.length - 1);
  const index = Math.min(SIGNED_STOPS.length - 2, Math.floor(place));
  return mix(colorOfHex(SIGNED_STOPS[index] as string), colorOfHex(SIGNED_STOPS[index + 1] as string), place - index);
}

/** [N, 3] sRGB 0..255; grey where a value is not finite. */
export function colorsOfValues(values: ArrayLike<number>, { low, high, isSigned: signed }: ValueRange): Uint8Array {
  const ramp = new Uint8Array(STEPS * 3);
  for (let i = 0; i < STEPS; i++) {
    const share = i / (STEPS - 1);
    // Low is dark, high is bright: the other way round than depth, whose near end is bright.
    const color = signed ? signedColor(share) : depthColor(1 - share);
    ramp.set(
      color.map((value) => Math.round(value * 255)),
      i * 3,
    );
  }
  const colors = new Uint8Array(values.length * 3);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isFinite(value)) {
      const step = Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * (STEPS - 1)) * 3;
      colors.set(ramp.subarray(step, step + 3), i * 3);
    } else
      colors.set(
        NO_VALUE.map((channel) => Math.round(channel * 255)),
        i * 3,
      );
  }
  return colors;
}

/** Grey, for points without what the others are coloured by. */
export function plainColors(count: number): Uint8Array {
  return colorsOfValues(new Float32Array(count).fill(Number.NaN), { low: 0, high: 1, isSigned: false });
}

export function valueScaleCss(signed: boolean): string {
  const stops = signed
    ? SIGNED_STOPS
    : Array.from({ length: 9 }, (_, i) => {
        const [r, g, b] = depthColor(1 - i / 8).map((value) => Math.round(value * 255));
        return `rgb(${r} ${g} ${b})`;
      });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
