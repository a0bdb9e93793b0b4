/** What can be written; the same names as in the desktop application's contract. */
export const WRITTEN_FORMATS = ['ply', 'compressed-ply', 'spz', 'splat', 'sog', 'glb', 'html'] as const;
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];

/** What can be opened for viewing. */
export const READ_FORMATS = ['ply', 'compressed-ply', 'spz', 'splat', 'ksplat', 'sog', 'glb'] as const;
export type ReadFormat = (typeof READ_FORMATS)[number];
