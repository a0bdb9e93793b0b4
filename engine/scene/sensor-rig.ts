/** How the sensors beside a camera sit to it, and which photo each placement is for. */
import type { RigidTransform } from '../math/rigid-transform.js';
import type { Intrinsics } from './camera.js';

/** A sensor as one photo's camera sees it. */
export interface SensorPlacement {
  /** File name of the photo, without folders; null with `channel` null: every photo. */
  readonly photo: string | null;
  /** Name of the camera as data sets write it into their photos' names (`CAM_FRONT`); null: none is known. */
  readonly channel: string | null;
  /** Of the photo as the file states it; width and height 0 where it states no size: the photo's own. Null: the capture's camera holds. */
  readonly intrinsics: Intrinsics | null;
  /** `pointInCamera = cameraFromSensor * pointInSensor`, both in the sensor's unit. */
  readonly cameraFromSensor: RigidTransform;
}

/** All that a calibration tells, for each kind of sensor apart. */
export interface SensorRig {
  readonly lidar: readonly SensorPlacement[];
  readonly radar: readonly SensorPlacement[];
  /** One sentence each: cameras that were passed over, and why. */
  readonly warnings: readonly string[];
}

export type SensorKind = 'lidar' | 'radar';

/** By what a placement was found: the photo's name, the camera's in it, or because it is for every photo. */
export type PlacementMatch = 'photo' | 'channel' | 'every';

/** The rigs of several files as one, in their order. */
export function mergeRigs(rigs: readonly SensorRig[]): SensorRig {
  return {
    lidar: rigs.flatMap(({ lidar }) => lidar),
    radar: rigs.flatMap(({ radar }) => radar),
    warnings: rigs.flatMap(({ warnings }) => warnings),
  };
}

/** A photo's name without folders and extension, in lower case: copies are often converted. */
function plainName(photo: string): string {
  const name = photo.slice(Math.max(photo.lastIndexOf('/'), photo.lastIndexOf('\\')) + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** Whether the name holds the channel as a word of its own: CAM_FRONT is not in `x__CAM_FRONT_LEFT__1.jpg`. */
function holdsChannel(name: string, channel: string): boolean {
  const wanted = channel.toLowerCase();
  for (let at = name.indexOf(wanted); at >= 0; at = name.indexOf(wanted, at + 1)) {
    const [before, after] = [name.slice(0, at), name.slice(at + wanted.length)];
    if (!/[a-z0-9]$/.test(before) && !/^_?[a-z]|^[0-9]/.test(after)) return true;
  }
  return false;
}

/**
 * The placement for a photo: one that names it (folders, case and extension aside), else one whose channel stands in its name as a whole word
 * (the longest such), else one for every photo. The first wins among equals.
 *
 * @returns null where none is for this photo.
 */
export function findPlacement(
  placements: readonly SensorPlacement[],
  photo: string,
): { readonly placement: SensorPlacement; readonly by: PlacementMatch } | null {
  const name = plainName(photo);
  const named = placements.find((placement) => placement.photo !== null && plainName(placement.photo) === name);
  if (named) return { placement: named, by: 'photo' };
  const channels = placements
    .filter(({ channel }) => channel !== null && channel !== '' && holdsChannel(name, channel))
    .sort((a, b) => (b.channel ?? '').length - (a.channel ?? '').length);
  if (channels[0]) return { placement: channels[0], by: 'channel' };
  const every = placements.find(({ photo: only, channel }) => only === null && channel === null);
  return every ? { placement: every, by: 'every' } : null;
}

/** A photo that asks for its placement. */
export interface PhotoOfRig {
  readonly name: string;
  /** Whether it is the only photo: then a calibration for one other name is taken for it. */
  readonly isOnly: boolean;
}

/**
 * As {@link findPlacement}; for a lone photo also the only placement that names a photo, or the only one at all: copies are renamed.
 *
 * @returns `by` 'other' where it is another photo's or camera's (see {@link describeBorrowed}); null where none is for this photo.
 */
export function choosePlacement(
  placements: readonly SensorPlacement[],
  { name, isOnly }: PhotoOfRig,
): { readonly placement: SensorPlacement; readonly by: PlacementMatch | 'other' } | null {
  const found = findPlacement(placements, name);
  if (found !== null || !isOnly) return found;
  const named = placements.filter(({ photo }) => photo !== null);
  const candidates = named.length > 0 ? named : placements;
  const [only] = candidates;
  return only === undefined || candidates.length > 1 ? null : { placement: only, by: 'other' };
}

/** In words that a photo goes by what the calibration states of another. */
export function describeBorrowed(name: string, { photo, channel }: SensorPlacement): string {
  return `${name} is not named in the calibration: that of ${photo ?? channel ?? 'another photo'} is used.`;
}
