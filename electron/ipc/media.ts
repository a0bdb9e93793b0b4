/**
 * Addresses of what is too large for messages, the same in both hosts (`app://vantage/media/…`, `http://127.0.0.1:PORT/media/…`). Every
 * part after the kind is an opaque id that the host gave out: no path of the file system ever stands in an address.
 *
 *   /media/thumbnail/<photo id>            image/jpeg
 *   /media/picture/<photo id>              image/jpeg
 *   /media/splats/<scene id>/<revision>    application/octet-stream, engine/scene/encode-splats.ts; answers with the newest revision
 *   /media/points/<scene id>/<revision>    application/octet-stream: u32 count, then float32 positions [N,3], then u8 colours [N,3]
 *   /media/seen/<scene id>                 application/octet-stream: u8 [N]
 *   /media/cloud/<sensor id>/<revision>    application/octet-stream, engine/scene/encode-sensor-points.ts
 *   /media/residuals/<scene id>/<revision> application/octet-stream: float32 [N, 4], x y z and residual; of the newest run
 *   /media/export/<export id>              the file, with Content-Disposition: attachment
 */
export const MEDIA_KINDS = [
  'thumbnail',
  'picture',
  'splats',
  'points',
  'seen',
  'cloud',
  'residuals',
  'export',
] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

export interface MediaAddress {
  readonly kind: MediaKind;
  readonly id: string;
  /** Revision; null where the kind has none. */
  readonly detail: string | null;
}

const ADDRESS = /^\/media\/([a-z]+)\/([A-Za-z0-9_.-]{1,128})(?:\/([A-Za-z0-9_.-]{1,128}))?$/;

/** Takes an address's path apart; null when it is not one. */
export function parseMediaAddress(path: string): MediaAddress | null {
  const match = ADDRESS.exec(path);
  const kind = MEDIA_KINDS.find((known) => known === match?.[1]);
  if (match === null || kind === undefined) return null;
  return { kind, id: match[2] as string, detail: match[3] ?? null };
}

export function mediaUrl(kind: MediaKind, id: string, detail?: string | number): string {
  return `/media/${kind}/${id}${detail === undefined ? '' : `/${detail}`}`;
}
