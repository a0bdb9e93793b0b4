/** What the switches of refinement mean for a run. */
export const REFINEMENT_SWITCHES = ['on', 'off', 'auto'] as const;
export type RefinementSwitch = (typeof REFINEMENT_SWITCHES)[number];

/** Off: on cameras that were found neither brought anything (docs/measured.md). */
export const DEFAULT_REFINEMENT: RefinementSwitch = 'off';

export interface RefinementRequest {
  readonly refineCameras?: RefinementSwitch;
  readonly exposure?: RefinementSwitch;
  readonly areCamerasFound?: boolean;
}

/** 'auto' trusts what was given: it is 'on' where the cameras were found from the photos alone, else 'off'. */
export function chooseRefinement(request: RefinementRequest): {
  readonly refineCameras: boolean;
  readonly adjustExposure: boolean;
} {
  const { refineCameras = DEFAULT_REFINEMENT, exposure = DEFAULT_REFINEMENT, areCamerasFound = false } = request;
  const isOn = (choice: RefinementSwitch): boolean => choice === 'on' || (choice === 'auto' && areCamerasFound);
  return { refineCameras: isOn(refineCameras), adjustExposure: isOn(exposure) };
}
