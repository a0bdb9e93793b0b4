/** Which keypoints cameras are found from; apart, so that commands know the names without loading a detector. */
/** 'auto': AKAZE, and XFeat beside it where its networks are installed. */
export const FEATURE_CHOICES = ['auto', 'akaze', 'xfeat', 'both'] as const;
export type FeatureChoice = (typeof FEATURE_CHOICES)[number];
