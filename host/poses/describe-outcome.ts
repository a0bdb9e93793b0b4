/** What became of a photo, in words, and what to do about it. */
import type { Doubt, LeftOutReason, PhotoOutcome } from '../../engine/poses/pose-stage.js';

const REASONS: Readonly<Record<LeftOutReason, readonly [why: string, hint: string]>> = {
  'too-few-features': [
    'it shows too little that could be recognised',
    'Photograph something with texture: bare walls, glass, sky and darkness have none.',
  ],
  blurred: ['it is much less sharp than the others', 'Take it again with a steady hand or more light.'],
  'no-overlap': [
    'no other photo shows the same things',
    'Add photos between it and the others: each should share at least half with its neighbour.',
  ],
  apart: ['it fits other photos, but nothing links them with the rest', 'Add photos that show both parts.'],
  'no-parallax': [
    'it was taken from the same place as its neighbours, so it shows no depth',
    'Take a step to the side between photos instead of turning on the spot.',
  ],
  contradicts: [
    'what it shows contradicts the other photos',
    'Things may have moved, or a pattern repeats itself: leave it out, or add photos from nearby.',
  ],
  unexplained: [
    'COLMAP could not place it, and does not say why',
    'Add photos that overlap it more, or let Vantage find the cameras, which says why.',
  ],
};

const DOUBTS: Readonly<Record<Doubt, string>> = {
  planar: 'everything in it lies in one plane, which leaves two answers: add a photo from another side',
  'few-points': 'it rests on few points: add a photo that overlaps it more',
  'repeated-pattern': 'some of its matches contradict the others, as a repeated pattern makes them: look at it',
  'guessed-focal':
    'these photos leave its focal length open, and the file does not say it: add a photo from farther to the side, or use the files as the camera wrote them',
  'depth-prior': 'its place rests on depth that a network guessed: add photos from beside it',
  'camera-prior': 'its place rests on where a network guessed it to be: add photos that overlap it more',
};

/** One line: placed with what, or left out and why. */
export function describeOutcome(outcome: PhotoOutcome): string {
  if (!outcome.isPlaced) {
    const [why, hint] = REASONS[outcome.reason];
    return `${outcome.name}: left out: ${why}. ${hint}`;
  }
  const { name, pointCount, medianErrorPx, doubts } = outcome;
  const words = `${name}: placed by ${pointCount} points, ${medianErrorPx.toFixed(2)} px`;
  return doubts.length === 0 ? words : `${words}; doubtful: ${doubts.map((doubt) => DOUBTS[doubt]).join('; ')}`;
}
