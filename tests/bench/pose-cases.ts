/** What `npm run bench:poses` runs, and what the numbers should be. */

export interface PoseCase {
  readonly row: string;
  readonly capture: string;
  /** File names without extension; all when left out. */
  readonly photos?: readonly string[];
  /** Photos are scaled to it, never enlarged; their EXIF goes. */
  readonly widthPx?: number;
  /** Focal length at the photos' own size, where there are no reference cameras. */
  readonly focal?: { readonly px: number; readonly longSidePx: number };
  readonly isOneCamera: boolean;
  readonly goal: string;
}

const words = (text: string): string[] => text.split(' ');

export const POSE_CASES: readonly PoseCase[] = [
  {
    row: 'fox-3',
    capture: 'fox',
    photos: words('0009 0018 0025'),
    widthPx: 504,
    isOneCamera: true,
    goal: '3/3, pairs ≤ 0.6°, centres ≤ 1 %, no slower than COLMAP',
  },
  {
    row: 'fox-12',
    capture: 'fox',
    photos: words('0001 0006 0014 0022 0030 0035 0046 0072 0078 0089 0105 0115'),
    widthPx: 504,
    isOneCamera: true,
    goal: '12/12, ≤ 0.2°, ≤ 0.4 %, ≤ 30 s',
  },
  {
    row: 'fern',
    capture: 'fern',
    widthPx: 504,
    isOneCamera: true,
    goal: '20/20, as accurate as COLMAP, ≤ 20 s',
  },
  {
    row: 'castle',
    capture: 'castle',
    widthPx: 1000,
    focal: { px: 2905.88, longSidePx: 2832 },
    isOneCamera: true,
    goal: '11/11, ≤ 0.6 px, focal within 3 %, ≤ 25 s',
  },
  { row: 'temple', capture: 'temple', isOneCamera: true, goal: '16/16, nothing wrong called good' },
  { row: 'colmap-sample', capture: 'colmap-sample', isOneCamera: false, goal: 'as many as COLMAP, error within 1.5×' },
];
