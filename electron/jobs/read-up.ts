/** What exporting must know of the window's document of its view: which way is up. */
import { z } from 'zod';
import type { Vec3 } from '../../engine/math/rigid-transform.js';

/** The engine's camera axes have y down, so that a capture without a word on it stands upright with -y. */
const DEFAULT_UP: Vec3 = [0, -1, 0];

const viewDocument = z.object({ up: z.tuple([z.number(), z.number(), z.number()]) });

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** The scene's upward direction in its own frame. */
export function readUp(view: string | null): Vec3 {
  const parsed = viewDocument.safeParse(parseJson(view));
  return parsed.success && Math.hypot(...parsed.data.up) > 0 ? parsed.data.up : DEFAULT_UP;
}
