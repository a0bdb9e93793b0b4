/** A first idea of a photo's focal length, and how far it may be off. */
import type { PhotoExif } from '../scene/photo-exif.js';
import { findSensorWidthMm } from './sensor-widths.js';

/**
 * - 'exif-35mm': the 35 mm equivalent that the camera states;
 * - 'exif-focal-plane': its focal length and its statement of the sensor's pixels;
 * - 'sensor-table': its focal length and the known width of its sensor;
 * - 'guess': nothing is known of the camera.
 */
export type FocalSource = 'exif-35mm' | 'exif-focal-plane' | 'sensor-table' | 'guess';

export interface FocalPrior {
  readonly focalPx: number;
  /** Standard deviation of the logarithm of the focal length. */
  readonly sigmaLog: number;
  readonly source: FocalSource;
}

export interface PhotoSize {
  readonly width: number;
  readonly height: number;
}

/** Diagonal of 24 × 36 mm, by which the 35 mm equivalent is defined (CIPA DCG-001-2018, section 4.4.1). */
const FILM_DIAGONAL_MM = Math.hypot(24, 36);
/** Makers round to whole millimetres, and some go by the width. */
const SIGMA_35MM = 0.05;
/** Focus moves the lens, and stated focal lengths are rounded. */
const SIGMA_SENSOR = 0.04;
/** COLMAP's guess; a phone's camera is at 0.75, a portrait lens at 2. */
const GUESS = 1.2;
const SIGMA_GUESS = 0.4;
/** A photo whose shape is not the camera's was cropped, by nobody knows how much; digital zoom is counted by some makers and not by others. */
const SIGMA_CROPPED = 0.3;
/** Sides that differ by less, in proportion, are one shape. */
const SHAPE_TOLERANCE = 0.02;
/** Focal lengths in longer sides that lenses for photos of scenes have: from 8 mm to 800 mm on film. */
const LEAST_RATIO = 0.2;
const MOST_RATIO = 24;

/** Longer over shorter side. */
function shapeOf(width: number, height: number): number {
  return Math.max(width, height) / Math.min(width, height);
}

function isCropped({ width, height }: PhotoSize, { widthPx, heightPx }: PhotoExif): boolean {
  if (widthPx === null || heightPx === null) return false;
  return Math.abs(shapeOf(width, height) / shapeOf(widthPx, heightPx) - 1) > SHAPE_TOLERANCE;
}

type StatedFocal = Omit<FocalPrior, 'sigmaLog'>;

/** What can be made of the camera's words, the most trusted first. */
function readFocals(size: PhotoSize, exif: PhotoExif): StatedFocal[] {
  const { focal35Mm, focalMm, focalPlanePxPerMm, widthPx, heightPx } = exif;
  const longSide = Math.max(size.width, size.height);
  const stated: StatedFocal[] = [];
  if (focal35Mm !== null) {
    const diagonal = Math.hypot(size.width, size.height);
    stated.push({ focalPx: (focal35Mm / FILM_DIAGONAL_MM) * diagonal, source: 'exif-35mm' });
  }
  if (focalMm === null) return stated;
  if (focalPlanePxPerMm !== null && widthPx !== null && heightPx !== null) {
    const scale = longSide / Math.max(widthPx, heightPx);
    stated.push({ focalPx: focalMm * focalPlanePxPerMm * scale, source: 'exif-focal-plane' });
  }
  const sensorMm = findSensorWidthMm(exif.make, exif.model);
  if (sensorMm !== null) stated.push({ focalPx: (focalMm / sensorMm) * longSide, source: 'sensor-table' });
  return stated;
}

/**
 * Focal length in pixels of a photo of the given size, from what its camera says: f = f₃₅ · diagonal / 43.27 mm; or f_mm · pixels per mm,
 * scaled to the photo; or f_mm / sensor width · longer side; else 1.2 · longer side. What gives an angle of view that no lens has is passed over.
 *
 * @param exif null for a photo without EXIF.
 */
export function estimateFocal(size: PhotoSize, exif: PhotoExif | null): FocalPrior {
  const longSide = Math.max(size.width, size.height);
  const stated = (exif === null ? [] : readFocals(size, exif)).find(({ focalPx }) => {
    const ratio = focalPx / longSide;
    return ratio >= LEAST_RATIO && ratio <= MOST_RATIO;
  });
  if (exif === null || stated === undefined)
    return { focalPx: GUESS * longSide, sigmaLog: SIGMA_GUESS, source: 'guess' };
  const isUnsure = isCropped(size, exif) || (exif.digitalZoom ?? 1) > 1;
  const sigma = stated.source === 'exif-35mm' ? SIGMA_35MM : SIGMA_SENSOR;
  return { ...stated, sigmaLog: isUnsure ? SIGMA_CROPPED : sigma };
}
