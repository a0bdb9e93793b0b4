/** The motion between two photos, once it is known which matches agree and on what. */
import type { Mat3, RigidTransform } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import type { CheiralityVote } from './decompose-essential.js';
import { essentialOf, voteOnCheirality } from './decompose-essential.js';
import { decomposeHomography, isPlaneInFront } from './homography.js';
import type { NormalisedMatches } from './match-coordinates.js';
import { essentialResiduals, everyIndex, homographyResiduals } from './match-coordinates.js';
import { undecidedAngleRad } from './pair-problems.js';
import { refineRelativePose } from './refine-relative-pose.js';
import { rotationAngle } from '../math/rotation-vector.js';
import { unit } from '../math/vectors.js';

/** Matches, and how well they can be trusted. */
export interface MotionEvidence {
  readonly matches: NormalisedMatches;
  /** Sampson distance of a match that belongs. */
  readonly maxErrorPx: number;
  /** Standard deviation of the noise. */
  readonly sigmaPx: number;
}

/** A motion with the matches that fit it. */
export interface FoundMotion {
  /** Of all matches that are near enough to their epipolar lines. */
  readonly vote: CheiralityVote;
  /** The other motion that explains a plane as well, and its matches. */
  readonly twin: CheiralityVote | null;
}

const FINAL_STEPS = 20;
const FINAL_ROUNDS = 3;
/** Matches farther off than this do not take part in a refinement. */
const TRUSTED_SIGMAS = 3;
/** Cauchy's scale, of that limit: 2.4 standard deviations keep 95 % of the squares' efficiency (Holland and Welsch 1977). */
const LOSS_SHARE = 0.8;
/** Standard deviations by which a plane's two motions must differ to be told apart. */
const TELLING_SIGMAS = 3;
/** A motion is no twin if it has a tenth less of the plane in front. */
const TWIN_IN_FRONT = 0.9;
/** Motions that turn by nearly the same are one. */
const SAME_TURN_RAD = (2 * Math.PI) / 180;

/** Squared Sampson distances of all matches from a motion. */
function residualsOf({ matches }: MotionEvidence, motion: RigidTransform): Float64Array {
  const squared = new Float64Array(matches.coordinates.length / 4);
  essentialResiduals(matches, essentialOf(motion), [0, squared.length], squared);
  return squared;
}

function voteOfFitting(
  evidence: MotionEvidence,
  motion: RigidTransform,
  limitPx = evidence.maxErrorPx,
): CheiralityVote {
  const { matches, maxErrorPx } = evidence;
  const squared = residualsOf(evidence, motion);
  const fitting = everyIndex(squared.length).filter((i) => squared[i]! <= limitPx ** 2);
  return voteOnCheirality(motion, matches.coordinates, fitting, undecidedAngleRad(matches, maxErrorPx));
}

/**
 * Refines a motion on the Sampson distances of all matches that fit in front of both cameras, and chooses those anew, until they no longer
 * change. Only matches within three standard deviations take part, since wrong ones that fit by chance pull harder than their number says.
 *
 * @returns a unit translation, and the vote of the matches within `maxErrorPx`; `decided` against `decisive` says whether to believe it.
 */
export function settleGeneralMotion(evidence: MotionEvidence, start: RigidTransform): FoundMotion {
  const limitPx = Math.min(evidence.maxErrorPx, TRUSTED_SIGMAS * evidence.sigmaPx);
  const loss = { lossScalePx: LOSS_SHARE * limitPx, maxSteps: FINAL_STEPS };
  let vote = voteOfFitting(evidence, start, limitPx);
  for (let round = 0; round < FINAL_ROUNDS; round++) {
    const refined = refineRelativePose(vote.camera2FromCamera1, evidence.matches, vote.inFront, loss);
    const next = voteOfFitting(evidence, refined.camera2FromCamera1, limitPx);
    const isSettled = next.inFront.length === vote.inFront.length;
    vote = next;
    if (isSettled) break;
  }
  return { vote: voteOfFitting(evidence, vote.camera2FromCamera1), twin: null };
}

/** What the matches say of one of a homography's motions. */
interface PlanarCandidate {
  readonly vote: CheiralityVote;
  /** Matches of the plane in front of both cameras. */
  readonly inFrontOnPlane: number;
  /** Matches off the plane that fit, and Σ min(r², T²) / σ² of those on it. */
  readonly supportOffPlane: number;
  readonly misfitOnPlane: number;
}

function judge(evidence: MotionEvidence, motion: RigidTransform, isOnPlane: Uint8Array): PlanarCandidate {
  const { maxErrorPx, sigmaPx } = evidence;
  const vote = voteOfFitting(evidence, motion);
  const inFrontOnPlane = vote.inFront.reduce((count, i) => count + isOnPlane[i]!, 0);
  const misfit = residualsOf(evidence, motion).reduce(
    (sum, squared, i) => sum + (isOnPlane[i] === 1 ? Math.min(squared, maxErrorPx ** 2) : 0),
    0,
  );
  return {
    vote,
    inFrontOnPlane,
    supportOffPlane: vote.inFront.length - inFrontOnPlane,
    misfitOnPlane: misfit / sigmaPx ** 2,
  };
}

/**
 * By how many standard deviations `a` is the better of two motions of one homography. Each of its epipolar lines measures another component of
 * the same noise, so that on the plane the sums of χ² differ by 2 √n by chance; off the plane, wrong matches fit each by chance.
 */
function advantage(a: PlanarCandidate, b: PlanarCandidate, countOnPlane: number): number {
  const onPlane = (b.misfitOnPlane - a.misfitOnPlane) / (2 * Math.sqrt(Math.max(countOnPlane, 1)));
  const support = a.supportOffPlane + b.supportOffPlane;
  const offPlane = support === 0 ? 0 : (a.supportOffPlane - b.supportOffPlane) / Math.sqrt(support);
  return (onPlane + offPlane) / Math.SQRT2;
}

/** 1 for each match that a homography explains. */
function markOnPlane({ matches, maxErrorPx }: MotionEvidence, homography: Mat3): Uint8Array {
  const squared = new Float64Array(matches.coordinates.length / 4);
  homographyResiduals(matches, homography, [0, squared.length], squared);
  return Uint8Array.from(squared, (r2) => (r2 <= maxErrorPx ** 2 ? 1 : 0));
}

/** Motions of a homography that have its plane in front of the first camera, with unit translations. */
function motionsOfPlane({ matches }: MotionEvidence, homography: Mat3, isOnPlane: Uint8Array): RigidTransform[] {
  const onPlane = everyIndex(isOnPlane.length).filter((i) => isOnPlane[i] === 1);
  return decomposeHomography(homography)
    .filter((motion) => isPlaneInFront(motion, matches.coordinates, onPlane))
    .map(({ camera2FromCamera1 }) => camera2FromCamera1)
    .filter(({ translation }) => Math.hypot(...translation) > 0)
    .map(({ rotation, translation }) => ({ rotation, translation: unit(translation) }));
}

/** By how many standard deviations more matches fit `a` than `b`: a sign test on those that fit one of the two (McNemar 1947). */
function leadBySupport(a: CheiralityVote, b: CheiralityVote): number {
  const [inA, inB] = [new Set(a.inFront), new Set(b.inFront)];
  const onlyA = a.inFront.filter((match) => !inB.has(match)).length;
  const onlyB = b.inFront.filter((match) => !inA.has(match)).length;
  return onlyA + onlyB === 0 ? 0 : (onlyA - onlyB) / Math.sqrt(onlyA + onlyB);
}

/**
 * The motion of matches that need depth, most of which lie in one plane all the same: there, both motions of the plane's homography fit, and
 * few matches beside it decide. Each is settled on all matches; the one that most of them fit is taken, and the next best is its twin where
 * the difference may be chance.
 */
export function settlePlaneDominated(evidence: MotionEvidence, start: RigidTransform, homography: Mat3): FoundMotion {
  const starts = [start, ...motionsOfPlane(evidence, homography, markOnPlane(evidence, homography))];
  const votes = starts
    .map((motion) => settleGeneralMotion(evidence, motion).vote)
    .sort((a, b) => b.inFront.length - a.inFront.length);
  const best = votes[0]!;
  const other = votes.find(({ camera2FromCamera1: { rotation } }) => {
    const turn = multiplyMat(rotation, transposeMat(best.camera2FromCamera1.rotation));
    return rotationAngle(turn) > SAME_TURN_RAD;
  });
  const isTwin = other !== undefined && leadBySupport(best, other) < TELLING_SIGMAS;
  return { vote: best, twin: isTwin ? other : null };
}

/**
 * The motion of a homography that was fitted to a plane's matches. It is not refined on Sampson distances: on a plane these use one of two
 * things that a match says, and were measured to double the error. They do tell the homography's two motions apart as soon as enough matches
 * lie off the plane.
 *
 * @returns a unit translation, and the twin unless the matches rule it out; null when H has no motion with the plane in front.
 */
export function findPlanarMotion(evidence: MotionEvidence, homography: Mat3): FoundMotion | null {
  const isOnPlane = markOnPlane(evidence, homography);
  const countOnPlane = isOnPlane.reduce((sum, mark) => sum + mark, 0);
  const candidates = motionsOfPlane(evidence, homography, isOnPlane).map((motion) =>
    judge(evidence, motion, isOnPlane),
  );
  const mostInFront = Math.max(...candidates.map(({ inFrontOnPlane }) => inFrontOnPlane));
  const [first, second] = candidates.filter(({ inFrontOnPlane }) => inFrontOnPlane >= TWIN_IN_FRONT * mostInFront);
  if (first === undefined) return null;
  if (second === undefined) return { vote: first.vote, twin: null };
  const lead = advantage(first, second, countOnPlane);
  const [best, other] = lead >= 0 ? [first, second] : [second, first];
  return { vote: best.vote, twin: Math.abs(lead) < TELLING_SIGMAS ? other.vote : null };
}
