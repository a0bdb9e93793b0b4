/** The one viewer of the window, made when it is first asked for. */
import type { SceneViewer } from '../../viewer/viewer-contract.js';

export function getViewer(): SceneViewer {
  throw new Error('The viewer is not built yet.');
}
