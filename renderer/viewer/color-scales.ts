/** The colours of the display modes, shared by the shaders and the legends. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { mix } from './vector-math.js';

/** Viridis (Smith & van der Walt 2015) at nine places: even steps to the eye, also without colour vision and in print. */
const DEPTH_STOPS = ['#fde725', '#addc30', '#5ec962', '#28ae80', '#21918c', '#2c728e', '#3b528b', '#472d7b', '#440154'];

/** Seen by 0, 1, 2, 3, 4, 5 and more photos: red to a bluish green, with brightness turning in the middle for eyes that see neither. */
const SEEN_STOPS = ['#a50f2b', '#ef6b45', '#fcbf6d', '#f5efb0', '#7fcdae', '#138a72'];

/** From this many photos on, a Gaussian has the last colour. */
export const SEEN_TOP = SEEN_STOPS.length - 1;

export const SELECTION_COLOR: Vec3 = [1, 0.72, 0.1];

export function colorOfHex(hex: string): Vec3 {
  const value = Number.parseInt(hex.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** Near is bright, far is dark; `share` from 0 to 1. */
export function depthColor(share: number): Vec3 {
  const place = Math.min(1, Math.max(0, share)) * (DEPTH_STOPS.length - 1);
  const index = Math.min(DEPTH_STOPS.length - 2, Math.floor(place));
  return mix(colorOfHex(DEPTH_STOPS[index] as string), colorOfHex(DEPTH_STOPS[index + 1] as string), place - index);
}

export function seenColor(count: number): Vec3 {
  return colorOfHex(SEEN_STOPS[Math.min(SEEN_TOP, Math.max(0, Math.floor(count)))] as string);
}

export function depthScaleCss(): string {
  return `linear-gradient(to right, ${DEPTH_STOPS.join(', ')})`;
}

export function seenScaleCss(): readonly string[] {
  return SEEN_STOPS;
}

/** RGBA bytes, `length` texels from near to far. */
export function depthTexels(length: number): Uint8Array<ArrayBuffer> {
  return texels(length, (i) => depthColor(i / (length - 1)));
}

export function seenTexels(): Uint8Array<ArrayBuffer> {
  return texels(SEEN_TOP + 1, seenColor);
}

function texels(length: number, colorAt: (index: number) => Vec3): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length * 4);
  for (let i = 0; i < length; i++) bytes.set([...colorAt(i).map((value) => Math.round(value * 255)), 255], i * 4);
  return bytes;
}
