/** Cameras and points that are known so far, while photo after photo is added. */
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import type { StageContext } from '../scene/stage.js';
import type { KeypointTrack } from './build-tracks.js';
import { adjustBundleInSlices } from './bundle-adjustment.js';
import type { BundleOptions } from './bundle-problem.js';
import type { PlacedPhoto, PoseSolution, RadialLens, Track } from './contract.js';
import { meanFocalPx, normalisePoints } from './lens.js';
import type { KnownPoints } from './refine-absolute-pose.js';
import type { Sighting } from './triangulate.js';
import { triangulateSightings } from './triangulate.js';
import type { PhotoKeypoints } from './verify-pairs.js';

/** What a point must be to be kept. */
export interface PointLimits {
  readonly maxErrorPx: number;
  /** Between two of its rays. */
  readonly minAngleRad: number;
}

interface Observation {
  readonly track: number;
  readonly photo: number;
  readonly keypoint: number;
}

/** A track of two photos cannot tell which of them is wrong. */
const LEAST_TO_DROP_FROM = 3;

export class GrowingModel {
  private readonly cameras = new Map<number, RigidTransform>();
  private readonly positions: (Vec3 | null)[];
  /** Per track, per entry: 1 where the keypoint was found not to belong. */
  private readonly refused: Uint8Array[];
  /** Per photo: its tracks and which of their entries it is. */
  private readonly entriesOfPhoto: { readonly track: number; readonly entry: number }[][];
  private normalised: Float64Array[];

  constructor(
    private readonly photos: readonly PhotoKeypoints[],
    private lensesNow: readonly RadialLens[],
    private readonly tracks: readonly KeypointTrack[],
  ) {
    this.positions = tracks.map(() => null);
    this.refused = tracks.map(({ photos: members }) => new Uint8Array(members.length));
    this.entriesOfPhoto = photos.map(() => []);
    tracks.forEach((track, index) =>
      track.photos.forEach((photo, entry) => this.entriesOfPhoto[photo]!.push({ track: index, entry })),
    );
    this.normalised = this.normaliseAll();
  }

  get placed(): ReadonlyMap<number, RigidTransform> {
    return this.cameras;
  }

  get lenses(): readonly RadialLens[] {
    return this.lensesNow;
  }

  get pointCount(): number {
    return this.positions.reduce((count, position) => count + (position === null ? 0 : 1), 0);
  }

  place(photo: number, cameraFromWorld: RigidTransform): void {
    this.cameras.set(photo, cameraFromWorld);
  }

  /** Refuses keypoints of a photo that was just placed where they do not fit known points: a few far off would pull its camera away. */
  refuseMisfitsOf(photo: number, maxErrorPx: number): void {
    for (const { track, entry } of this.entriesOfPhoto[photo]!) {
      const position = this.positions[track]!;
      if (position !== null && this.errorPx(track, entry, position) > maxErrorPx) this.refused[track]![entry] = 1;
    }
  }

  /** Takes a camera back; its keypoints may be used again. */
  remove(photo: number): void {
    this.cameras.delete(photo);
    for (const { track, entry } of this.entriesOfPhoto[photo]!) this.refused[track]![entry] = 0;
  }

  /** The known points whose tracks a photo belongs to, as its camera is found from. */
  knownPoints(photo: number): KnownPoints & { readonly pixels: Float32Array } {
    const known = this.entriesOfPhoto[photo]!.filter(({ track }) => this.positions[track] !== null);
    const normalised = new Float64Array(known.length * 2);
    const positions = new Float64Array(known.length * 3);
    const pixels = new Float32Array(known.length * 2);
    const { points, lens } = this.photos[photo]!;
    known.forEach(({ track, entry }, i) => {
      const keypoint = this.tracks[track]!.keypoints[entry]!;
      normalised.set(this.normalised[photo]!.subarray(keypoint * 2, keypoint * 2 + 2), i * 2);
      positions.set(this.positions[track]!, i * 3);
      pixels.set(points.subarray(keypoint * 2, keypoint * 2 + 2), i * 2);
    });
    return { normalised, positions, focalPx: meanFocalPx(this.lensesNow[lens]!), pixels };
  }

  /** How many keypoints of a placed photo see a known point. */
  observedCount(photo: number): number {
    return this.entriesOfPhoto[photo]!.reduce(
      (count, { track, entry }) =>
        count + (this.positions[track] !== null && this.refused[track]![entry] === 0 ? 1 : 0),
      0,
    );
  }

  /** Finds points of tracks that have none, from placed photos; keypoints that do not fit are refused, the worst first. */
  triangulate(limits: PointLimits): void {
    this.tracks.forEach((_, index) => {
      if (this.positions[index] === null) this.triangulateTrack(index, limits);
    });
  }

  /** Lets keypoints that were refused earlier in again where they fit by now: cameras have moved since. */
  reconsider({ maxErrorPx }: PointLimits): void {
    this.tracks.forEach((track, index) => {
      const position = this.positions[index]!;
      if (position === null) return;
      track.photos.forEach((photo, entry) => {
        if (this.refused[index]![entry] === 0 || !this.cameras.has(photo)) return;
        if (this.errorPx(index, entry, position) <= maxErrorPx) this.refused[index]![entry] = 0;
      });
    });
  }

  /** Adjusts everything that is placed, then refuses what does not fit. */
  async adjust(options: BundleOptions, limits: PointLimits, context: StageContext): Promise<void> {
    const tracks = this.positions.flatMap((position, index) => (position === null ? [] : [index]));
    await this.adjustPart([...this.cameras.keys()], tracks, options, context);
    this.refuseMisfits(limits);
  }

  /** Adjusts a photo, `neighbours` that see most of what it sees, and what it sees; all else and the lenses are held. */
  async adjustAround(
    photo: number,
    neighbours: number,
    options: BundleOptions,
    limits: PointLimits,
    context: StageContext,
  ): Promise<void> {
    const tracks = this.entriesOfPhoto[photo]!.flatMap(({ track, entry }) =>
      this.positions[track] !== null && this.refused[track]![entry] === 0 ? [track] : [],
    );
    const shared = new Map<number, number>();
    for (const seen of this.observationsOf(tracks)) shared.set(seen.photo, (shared.get(seen.photo) ?? 0) + 1);
    shared.delete(photo);
    const others = [...shared.keys()].sort((a, b) => shared.get(b)! - shared.get(a)! || a - b);
    const free = [photo, ...others.slice(0, neighbours)];
    const held = others.slice(neighbours);
    // Without a held photo the gauge would be fixed by one of the free ones, which is as good.
    const order = [...free, ...held];
    const constantPhotos = held.map((_, i) => free.length + i);
    await this.adjustPart(order, tracks, { ...options, freeIntrinsics: [], constantPhotos }, context);
    this.refuseMisfits(limits);
  }

  /** Squared reprojection errors in px² of what is kept, by photo. */
  errorsByPhoto(): ReadonlyMap<number, number[]> {
    const errors = new Map([...this.cameras.keys()].map((photo) => [photo, [] as number[]]));
    this.tracks.forEach((track, index) => {
      const position = this.positions[index]!;
      if (position === null) return;
      track.photos.forEach((photo, entry) => {
        if (this.refused[index]![entry] === 0) errors.get(photo)?.push(this.errorPx(index, entry, position) ** 2);
      });
    });
    return errors;
  }

  solution(): PoseSolution {
    const photos = [...this.cameras].map(([photo, cameraFromWorld]): PlacedPhoto => ({
      photo,
      lens: this.photos[photo]!.lens,
      cameraFromWorld,
    }));
    const tracks = this.tracks.flatMap((_, index): Track[] => {
      const position = this.positions[index]!;
      if (position === null) return [];
      return [
        { position, observations: this.observationsOf([index]).map(({ photo, keypoint }) => ({ photo, keypoint })) },
      ];
    });
    return { lenses: this.lensesNow, photos: photos.sort((a, b) => a.photo - b.photo), tracks };
  }

  /** The photos' order is the problem's. A search that lost its way changes nothing. */
  private async adjustPart(
    photos: readonly number[],
    tracks: readonly number[],
    options: BundleOptions,
    context: StageContext,
  ): Promise<void> {
    const indexOf = new Map(photos.map((photo, index) => [photo, index]));
    const pointOf = new Map(tracks.map((track, index) => [track, index]));
    const observations = this.observationsOf(tracks);
    const pixels = new Float64Array(observations.length * 2);
    observations.forEach(({ photo, keypoint }, i) =>
      pixels.set(this.photos[photo]!.points.subarray(keypoint * 2, keypoint * 2 + 2), i * 2),
    );
    const result = await adjustBundleInSlices(
      {
        lenses: this.lensesNow,
        photos: photos.map((photo) => ({ lens: this.photos[photo]!.lens, cameraFromWorld: this.cameras.get(photo)! })),
        positions: Float64Array.from(tracks.flatMap((track) => this.positions[track]!)),
        observations: {
          photos: observations.map(({ photo }) => indexOf.get(photo)!),
          points: observations.map(({ track }) => pointOf.get(track)!),
          pixels,
        },
      },
      options,
      context,
    );
    if (result.diverged) return;
    photos.forEach((photo, i) => this.cameras.set(photo, result.camerasFromWorld[i]!));
    tracks.forEach((track, i) => (this.positions[track] = [...result.positions.subarray(i * 3, i * 3 + 3)] as Vec3));
    if (result.lenses.every((lens, i) => lens === this.lensesNow[i])) return;
    this.lensesNow = result.lenses;
    this.normalised = this.normaliseAll();
  }

  private normaliseAll(): Float64Array[] {
    return this.photos.map(({ points, lens }) => normalisePoints(this.lensesNow[lens]!, points));
  }

  /** What counts of these tracks: placed photos, keypoints that were not refused. */
  private observationsOf(tracks: readonly number[]): Observation[] {
    return tracks.flatMap((track) => {
      const { photos, keypoints } = this.tracks[track]!;
      const kept: Observation[] = [];
      photos.forEach((photo, entry) => {
        if (this.cameras.has(photo) && this.refused[track]![entry] === 0)
          kept.push({ track, photo, keypoint: keypoints[entry]! });
      });
      return kept;
    });
  }

  private sighting(photo: number, keypoint: number): Sighting {
    const normalised = this.normalised[photo]!;
    const focalPx = meanFocalPx(this.lensesNow[this.photos[photo]!.lens]!);
    const [x, y] = [normalised[keypoint * 2]!, normalised[keypoint * 2 + 1]!];
    return { cameraFromWorld: this.cameras.get(photo)!, x, y, focalPx };
  }

  private errorPx(track: number, entry: number, [x, y, z]: Vec3): number {
    const { photos, keypoints } = this.tracks[track]!;
    const { cameraFromWorld, x: u, y: v, focalPx } = this.sighting(photos[entry]!, keypoints[entry]!);
    const { rotation: r, translation: t } = cameraFromWorld;
    const depth = r[6] * x + r[7] * y + r[8] * z + t[2];
    if (!(depth > 0)) return Infinity;
    const [dx, dy] = [
      (r[0] * x + r[1] * y + r[2] * z + t[0]) / depth - u,
      (r[3] * x + r[4] * y + r[5] * z + t[1]) / depth - v,
    ];
    return focalPx * Math.hypot(dx, dy);
  }

  private triangulateTrack(index: number, { maxErrorPx, minAngleRad }: PointLimits): void {
    const { photos, keypoints } = this.tracks[index]!;
    let entries = [...photos.keys()].filter((entry) => this.cameras.has(photos[entry]!));
    const candidates = entries;
    while (entries.length >= 2) {
      const point = triangulateSightings(entries.map((entry) => this.sighting(photos[entry]!, keypoints[entry]!)));
      if (point === null || point.angleRad < minAngleRad) return;
      const worst = point.errorsPx.indexOf(Math.max(...point.errorsPx));
      if (point.errorsPx[worst]! <= maxErrorPx && point.isInFront) {
        this.positions[index] = point.position;
        for (const entry of candidates) this.refused[index]![entry] = entries.includes(entry) ? 0 : 1;
        return;
      }
      if (entries.length < LEAST_TO_DROP_FROM) return;
      entries = entries.filter((_, i) => i !== worst);
    }
  }

  private refuseMisfits({ maxErrorPx, minAngleRad }: PointLimits): void {
    this.tracks.forEach((track, index) => {
      const position = this.positions[index]!;
      if (position === null) return;
      let kept = 0;
      track.photos.forEach((photo, entry) => {
        if (this.refused[index]![entry] !== 0 || !this.cameras.has(photo)) return;
        if (this.errorPx(index, entry, position) > maxErrorPx) this.refused[index]![entry] = 1;
        else kept++;
      });
      if (kept < 2 || this.angleRad(index, position) < minAngleRad) {
        this.positions[index] = null;
        this.refused[index]!.fill(0);
      }
    });
  }

  /** The largest angle between two rays to a point. */
  private angleRad(index: number, position: Vec3): number {
    const rays = this.observationsOf([index]).map(({ photo }) => {
      const { rotation: r, translation: t } = this.cameras.get(photo)!;
      const ray = [0, 1, 2].map((k) => position[k]! + r[k]! * t[0] + r[3 + k]! * t[1] + r[6 + k]! * t[2]);
      const length = Math.hypot(...ray);
      return ray.map((value) => value / length);
    });
    let least = 1;
    for (const [i, a] of rays.entries())
      for (const b of rays.slice(i + 1)) least = Math.min(least, a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!);
    return Math.acos(Math.min(1, Math.max(-1, least)));
  }
}
