/** Which ways of writing a video are tried, and in which order: what plays nearly everywhere first. */
export const VIDEO_CODECS = ['avc', 'vp9', 'av1', 'vp8'] as const;
export type VideoCodecName = (typeof VIDEO_CODECS)[number];
export type VideoContainer = 'mp4' | 'webm';

export interface VideoCandidate {
  readonly container: VideoContainer;
  readonly codec: VideoCodecName;
}

export const VIDEO_QUALITIES = ['medium', 'high', 'very-high'] as const;
export type VideoQuality = (typeof VIDEO_QUALITIES)[number];

const ORDER: readonly VideoCandidate[] = [
  { container: 'mp4', codec: 'avc' },
  { container: 'mp4', codec: 'vp9' },
  { container: 'mp4', codec: 'av1' },
  { container: 'webm', codec: 'vp9' },
  { container: 'webm', codec: 'av1' },
  { container: 'webm', codec: 'vp8' },
];

/** Those of the wanted container first; the other one is better than no video. */
export function candidatesFor(wanted: VideoContainer): readonly VideoCandidate[] {
  return [
    ...ORDER.filter(({ container }) => container === wanted),
    ...ORDER.filter(({ container }) => container !== wanted),
  ];
}

/** The first that works. A trial that fails or throws is passed over: some browsers promise codecs that they do not have. */
export async function pickCandidate(
  candidates: readonly VideoCandidate[],
  works: (candidate: VideoCandidate) => Promise<boolean>,
): Promise<VideoCandidate | null> {
  for (const candidate of candidates) {
    const isWorking = await works(candidate).catch(() => false);
    if (isWorking) return candidate;
  }
  return null;
}
