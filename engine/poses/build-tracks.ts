/** Joins keypoints that matches connect over photos into tracks, one for each point in space. */
import type { PairMatches } from './contract.js';

/** A point's keypoints: at most one a photo, photos in ascending order. */
export interface KeypointTrack {
  readonly photos: Uint32Array;
  readonly keypoints: Uint32Array;
}

/** Disjoint sets by path halving and size (Tarjan 1975). */
class DisjointSets {
  private readonly parents: Uint32Array;
  private readonly sizes: Uint32Array;

  constructor(count: number) {
    this.parents = Uint32Array.from({ length: count }, (_, i) => i);
    this.sizes = new Uint32Array(count).fill(1);
  }

  find(element: number): number {
    let at = element;
    for (;;) {
      const parent = this.parents[at] as number;
      if (parent === at) return at;
      const grandparent = this.parents[parent] as number;
      this.parents[at] = grandparent;
      at = grandparent;
    }
  }

  join(a: number, b: number): void {
    let [root, other] = [this.find(a), this.find(b)];
    if (root === other) return;
    if ((this.sizes[root] as number) < (this.sizes[other] as number)) [root, other] = [other, root];
    this.parents[other] = root;
    this.sizes[root] = (this.sizes[root] as number) + (this.sizes[other] as number);
  }
}

/**
 * Tracks of verified matches. A set of keypoints with two of the same photo is no single point: of such a photo none is kept, and the
 * track goes on with the others as long as two photos are left (wrong joins are found by their reprojection errors later).
 *
 * @param keypointCounts per photo.
 * @returns in the order of each track's first keypoint, so that the same matches give the same tracks.
 */
export function buildTracks(keypointCounts: readonly number[], pairs: readonly PairMatches[]): KeypointTrack[] {
  const offsets = [0];
  for (const count of keypointCounts) offsets.push((offsets.at(-1) as number) + count);
  const sets = new DisjointSets(offsets.at(-1) as number);
  for (const { first, second, indices } of pairs)
    for (let i = 0; i < indices.length; i += 2)
      sets.join(
        (offsets[first] as number) + (indices[i] as number),
        (offsets[second] as number) + (indices[i + 1] as number),
      );
  const members = new Map<number, { readonly photos: number[]; readonly keypoints: number[] }>();
  keypointCounts.forEach((count, photo) => {
    for (let keypoint = 0; keypoint < count; keypoint++) {
      const root = sets.find((offsets[photo] as number) + keypoint);
      const track = members.get(root) ?? { photos: [], keypoints: [] };
      track.photos.push(photo);
      track.keypoints.push(keypoint);
      members.set(root, track);
    }
  });
  return [...members.values()].flatMap(({ photos, keypoints }) => {
    if (photos.length < 2) return [];
    // Photos come in ascending order: those of the same photo stand beside each other.
    const kept = photos.flatMap((photo, i) => (photos[i - 1] === photo || photos[i + 1] === photo ? [] : [i]));
    if (kept.length < 2) return [];
    return [
      {
        photos: Uint32Array.from(kept, (i) => photos[i] as number),
        keypoints: Uint32Array.from(kept, (i) => keypoints[i] as number),
      },
    ];
  });
}
