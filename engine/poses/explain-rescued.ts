/** What became of photos that guessed depth placed. */
import { median } from '../math/median.js';
import type { RescuedCameras } from './depth-rescue.js';
import { FEW_POINTS } from './explain-photos.js';
import type { Doubt, PhotoOutcome } from './pose-stage.js';

/**
 * Outcomes of all photos, those of rescued ones replaced: placed, and doubted for it.
 *
 * @param outcomes without the rescue, in the order of the photos. @param fileScales pixels of the file for one of the searched photo.
 */
export function explainRescued(
  outcomes: readonly PhotoOutcome[],
  { rescued, errorsPx }: RescuedCameras,
  fileScales: readonly number[],
): PhotoOutcome[] {
  return outcomes.map((outcome, photo) => {
    if (!rescued.has(photo)) return outcome;
    const errors = errorsPx.get(photo)!.map((error) => error * fileScales[photo]!);
    const doubts: Doubt[] = errors.length < FEW_POINTS ? ['depth-prior', 'few-points'] : ['depth-prior'];
    return { name: outcome.name, isPlaced: true, pointCount: errors.length, medianErrorPx: median(errors), doubts };
  });
}
