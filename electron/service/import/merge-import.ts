/** What a project's photos are once a drop has been taken in: dropping more adds, and never throws away what was there. */
import { randomUUID } from 'node:crypto';
import type { ProjectContent, ProjectPhoto } from '../projects/project.js';
import { maskFor } from './classify-drop.js';
import type { CaptureSource, ImportPlan, ImportProblem, KnownPhoto, PlannedPhoto } from './import-plan.js';
import { NAMED_PHOTOS_FOLDER } from './read-poses.js';
import { foldName } from './read-photos.js';
import { scalePosed } from './scale-poses.js';

export type MergeTarget = Pick<ProjectContent, 'photos' | 'capture'>;

export interface MergedImport extends MergeTarget {
  readonly addedIds: readonly string[];
  /** The plan's, and what only merging finds out. */
  readonly problems: readonly ImportProblem[];
}

/** What a new drop must know of a project's photos. */
export function knownPhotosOf(photos: readonly ProjectPhoto[]): KnownPhoto[] {
  return photos.map(({ id, name, shownPath, absolutePath, width, height, fingerprint, pose }) => ({
    id,
    name,
    shownPath,
    absolutePath,
    width,
    height,
    fingerprint,
    hasCamera: pose !== null,
  }));
}

function poseFileOf(capture: CaptureSource | null): string | null {
  return capture?.files.find(({ path }) => path === capture.poseFile)?.file ?? null;
}

/** Cameras of two captures have two origins: a second one counts only when it knows the photos that are there, or none has a camera. */
function isForeign(current: MergeTarget, plan: ImportPlan): boolean {
  const isPosed = current.photos.some(({ pose }) => pose !== null);
  const isOther = plan.capture !== null && poseFileOf(plan.capture) !== poseFileOf(current.capture);
  return isPosed && isOther && plan.posesOfKnown.length === 0;
}

function addedPhoto(planned: PlannedPhoto, takesPose: boolean, taken: Set<string>): ProjectPhoto {
  let capturePath = planned.capturePath;
  for (let number = 2; taken.has(foldName(capturePath)); number++)
    capturePath = `${NAMED_PHOTOS_FOLDER}/${number}/${planned.name}`;
  taken.add(foldName(capturePath));
  const { name, shownPath, absolutePath, fingerprint, width, height, mask, split } = planned;
  return {
    id: randomUUID(),
    name,
    shownPath,
    capturePath,
    absolutePath,
    fingerprint,
    width,
    height,
    role: split ?? 'train',
    pose: takesPose ? planned.pose : null,
    shownCamera: takesPose ? planned.shownCamera : null,
    outcome: null,
    mask,
  };
}

function withNewPoses(current: MergeTarget, plan: ImportPlan): ProjectPhoto[] {
  const poses = new Map(plan.posesOfKnown.map((entry) => [entry.photoId, entry]));
  const isReplaced = plan.capture !== null && poseFileOf(plan.capture) !== poseFileOf(current.capture);
  return current.photos.map((photo) => {
    const known = poses.get(photo.id);
    if (known === undefined) return isReplaced ? { ...photo, pose: null, shownCamera: null, outcome: null } : photo;
    // The project's own pose file, read again for photos that came later, changes nothing of those it posed before.
    if (!isReplaced && photo.pose !== null) return photo;
    const { pose, shownCamera, split } = known;
    return { ...photo, pose, shownCamera, outcome: null, role: split ?? photo.role };
  });
}

function foreignProblem(plan: ImportPlan): ImportProblem {
  return {
    kind: 'poses',
    severity: 'warning',
    file: plan.capture?.label ?? '',
    absolutePath: poseFileOf(plan.capture),
    message: 'These cameras belong to another capture than those of the project; the photos were added without them.',
    hint: 'Make a new project for this capture.',
    isPhoto: false,
  };
}

/** The project's own pose file, read again: its cameras are in the file's unit, and the project's may be in another. */
function inProjectsUnit(plan: ImportPlan, current: MergeTarget): ImportPlan {
  const { scale } = current.capture ?? {};
  // Without a capture of its own, a drop's cameras are those that the project's pose file has for new photos.
  const isOther = plan.capture !== null && poseFileOf(plan.capture) !== poseFileOf(current.capture);
  if (scale === undefined || isOther) return plan;
  return {
    ...plan,
    capture: plan.capture === null ? null : { ...plan.capture, scale },
    photos: plan.photos.map((photo) => scalePosed(photo, scale)),
    posesOfKnown: plan.posesOfKnown.map((photo) => scalePosed(photo, scale)),
  };
}

/** Neither argument is changed. */
export function mergeImport(current: MergeTarget, dropped: ImportPlan): MergedImport {
  const plan = inProjectsUnit(dropped, current);
  const foreign = isForeign(current, plan);
  const known = foreign ? [...current.photos] : withNewPoses(current, plan);
  const taken = new Set(known.map(({ capturePath }) => foldName(capturePath)));
  const added = plan.photos.map((planned) => addedPhoto(planned, !foreign, taken));
  const usedMasks = new Set<string>();
  const photos = [...known, ...added].map((photo) => {
    const mask = photo.mask === null ? maskFor(photo.name, plan.masks) : null;
    if (mask === null) return photo;
    usedMasks.add(mask.absolutePath);
    return { ...photo, mask: { path: `masks/${mask.stem}.png`, file: mask.absolutePath } };
  });
  const lonelyMasks = plan.masks.filter(({ absolutePath }) => !usedMasks.has(absolutePath));
  const maskProblems = lonelyMasks.slice(0, 1).map((mask): ImportProblem => {
    const others = lonelyMasks.length - 1;
    return {
      kind: 'unsupported',
      severity: 'warning',
      file: mask.shownPath,
      absolutePath: mask.absolutePath,
      message: `There is no photo that this mask${others > 0 ? ` and ${others} more` : ''} could belong to.`,
      hint: 'Name a mask like its photo, and drop the photo first or with it.',
      isPhoto: false,
    };
  });
  return {
    photos,
    capture: foreign ? current.capture : (plan.capture ?? current.capture),
    addedIds: added.map(({ id }) => id),
    problems: [...plan.problems, ...(foreign ? [foreignProblem(plan)] : []), ...maskProblems],
  };
}
