/** Where the window was, for the next start. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../../host/atomic-write.js';

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400).max(20_000),
  height: z.number().int().min(300).max(20_000),
  isMaximized: z.boolean(),
});
export type WindowBounds = z.infer<typeof boundsSchema>;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** So much of the title bar must be on a screen that it can be taken hold of. */
const REACHABLE_PX = 80;

/** null: never saved, damaged, or on a screen that is not there any more. */
export async function readWindowBounds(file: string, screens: readonly Rectangle[]): Promise<WindowBounds | null> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
  const bounds = boundsSchema.safeParse(parsed);
  return bounds.success && screens.some((screen) => isReachable(bounds.data, screen)) ? bounds.data : null;
}

export async function writeWindowBounds(file: string, bounds: WindowBounds): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(boundsSchema.parse(bounds))}\n`);
}

function isReachable(bounds: Rectangle, screen: Rectangle): boolean {
  const overlap = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x);
  return overlap >= REACHABLE_PX && bounds.y >= screen.y && bounds.y <= screen.y + screen.height - REACHABLE_PX;
}
