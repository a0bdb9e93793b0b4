/** What the switches of refinement mean for a run. */
export const REFINEMENT_SWITCHES = ['on', 'off', 'auto'] as const;
export type RefinementSwitch = (typeof REFINEMENT_SWITCHES)[number];

export interface RefinementRequest {
  readonly refineCameras?: RefinementSwitch;
  readonly exposure?: RefinementSwitch;
  readonly areCamerasFound?: boolean;
}

/** Cameras that were given are trusted: 'auto' moves only those that were found from the photos. It leaves colours alone. */
export function chooseRefinement({
  refineCameras = 'auto',
  exposure = 'auto',
  areCamerasFound = false,
}: RefinementRequest): {
  readonly refineCameras: boolean;
  readonly adjustExposure: boolean;
} {
  return {
    refineCameras: refineCameras === 'on' || (refineCameras === 'auto' && areCamerasFound),
    adjustExposure: exposure === 'on',
  };
}
