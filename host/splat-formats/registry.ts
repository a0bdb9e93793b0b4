/** Which splat formats there are: how they are told apart, who reads and who writes them. */
import type { ReadFormat, WrittenFormat } from './format-names.js';

export interface SplatFormat {
  /** As people call it. */
  readonly title: string;
  /** Endings of file names, longest first. */
  readonly extensions: readonly string[];
  readonly reads: ReadFormat | null;
  readonly writes: WrittenFormat | null;
  /** The file's own process is needed: other people's code works there. */
  readonly needsWorker: { readonly reading: boolean; readonly writing: boolean };
  /** By the first bytes of the file; null for formats that have no mark. */
  readonly recognises: ((head: Uint8Array) => boolean) | null;
}

/** Enough for a PLY's header, which tells a compressed one. */
export const HEAD_BYTES = 4096;

const OURS = { reading: false, writing: false };
const THEIRS = { reading: true, writing: true };

const startsWith =
  (...marks: readonly (readonly number[])[]) =>
  (head: Uint8Array): boolean =>
    marks.some((mark) => mark.every((byte, i) => head[i] === byte));
const isPly = startsWith([0x70, 0x6c, 0x79, 0x0a], [0x70, 0x6c, 0x79, 0x0d]);
const isCompressedPly = (head: Uint8Array): boolean =>
  isPly(head) && new TextDecoder('latin1').decode(head).includes('packed_position');

/** The first that fits wins. */
export const SPLAT_FORMATS: readonly SplatFormat[] = [
  {
    title: 'compressed PLY',
    extensions: ['.compressed.ply'],
    reads: 'compressed-ply',
    writes: 'compressed-ply',
    needsWorker: THEIRS,
    recognises: isCompressedPly,
  },
  { title: 'PLY', extensions: ['.ply'], reads: 'ply', writes: 'ply', needsWorker: OURS, recognises: isPly },
  {
    title: 'SPZ',
    extensions: ['.spz'],
    reads: 'spz',
    writes: 'spz',
    needsWorker: THEIRS,
    recognises: startsWith([0x1f, 0x8b], [0x4e, 0x47, 0x53, 0x50]),
  },
  {
    title: 'SOG',
    extensions: ['.sog'],
    reads: 'sog',
    writes: 'sog',
    needsWorker: THEIRS,
    recognises: startsWith([0x50, 0x4b, 0x03, 0x04]),
  },
  {
    title: 'SOG in a folder',
    extensions: ['meta.json'],
    reads: 'sog',
    writes: null,
    needsWorker: THEIRS,
    recognises: null,
  },
  {
    title: 'glTF',
    extensions: ['.glb'],
    reads: 'glb',
    writes: 'glb',
    needsWorker: { reading: false, writing: true },
    recognises: startsWith([0x67, 0x6c, 0x54, 0x46]),
  },
  { title: 'KSPLAT', extensions: ['.ksplat'], reads: 'ksplat', writes: null, needsWorker: THEIRS, recognises: null },
  {
    title: 'SPLAT',
    extensions: ['.splat'],
    reads: 'splat',
    writes: 'splat',
    needsWorker: { reading: true, writing: false },
    recognises: null,
  },
  {
    title: 'HTML',
    extensions: ['.html', '.htm'],
    reads: null,
    writes: 'html',
    needsWorker: THEIRS,
    recognises: null,
  },
];

/** Files of splats that exist and cannot be read: what to say of them. */
const KNOWN_STRANGERS: readonly [RegExp, string][] = [
  [/\.gltf$/i, 'glTF in several files cannot be read; export it as a single .glb.'],
  [/\.lcc2?$/i, 'XGRIDS LCC cannot be read; export it as .ply from the program that made it.'],
  [/\.(html?)$/i, 'A page with a viewer cannot be opened again; open the .ply or .sog that it was made from.'],
  [/\.(usd[acz]?)$/i, 'USD cannot be read; export it as .ply from the program that made it.'],
  [/\.mjs$/i, 'Programs that make splats are not run; run splat-transform yourself and open its .ply.'],
];

export const READABLE_ENDINGS = '.ply, .compressed.ply, .spz, .splat, .ksplat, .sog (or its meta.json), .glb';

/** The format of a file to read: its first bytes decide, its name where they say nothing. */
export function recogniseFormat(name: string, head: Uint8Array): SplatFormat | null {
  const readable = SPLAT_FORMATS.filter((format) => format.reads !== null);
  const byBytes = readable.find((format) => format.recognises?.(head) === true);
  if (byBytes !== undefined) return byBytes;
  return readable.find((format) => format.recognises === null && hasExtension(format, name)) ?? null;
}

/** The format of a file to write, by its name. */
export function formatOfOutput(name: string): SplatFormat | null {
  return SPLAT_FORMATS.find((format) => format.writes !== null && hasExtension(format, name)) ?? null;
}

/** Looks like a splat file by its name alone. */
export function hasSplatExtension(name: string): boolean {
  return SPLAT_FORMATS.some((format) => format.reads !== null && hasExtension(format, name));
}

function hasExtension(format: SplatFormat, name: string): boolean {
  const lower = name.toLowerCase();
  return format.extensions.some((extension) =>
    extension.startsWith('.') ? lower.endsWith(extension) : /[^/\\]*$/.exec(lower)?.[0] === extension,
  );
}

/** What to say of a file that is none of ours. */
export function explainStranger(name: string): string {
  const known = KNOWN_STRANGERS.find(([pattern]) => pattern.test(name));
  return known?.[1] ?? `Give one of ${READABLE_ENDINGS}.`;
}
