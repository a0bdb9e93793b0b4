/** Which keypoints cameras are found from; apart, so that commands know the names without loading a detector. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_MODELS } from '../../native-models/manifest.js';
import { locateModelFolder } from '../../native-models/store.js';

/** 'auto': AKAZE, and XFeat beside it where its networks are installed. */
export const FEATURE_CHOICES = ['auto', 'akaze', 'xfeat', 'both'] as const;
export type FeatureChoice = (typeof FEATURE_CHOICES)[number];

/** Whether the networks of XFeat and LighterGlue are in the user's model folder. */
export function areLearnedFeaturesInstalled(folder = locateModelFolder()): boolean {
  return FEATURE_MODELS.every(({ fileName }) => existsSync(join(folder, fileName)));
}
