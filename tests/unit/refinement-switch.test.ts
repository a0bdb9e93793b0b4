import { describe, expect, it } from 'vitest';
import { chooseRefinement } from '../../host/run/refinement-switch.js';

describe('switches of refinement', () => {
  it('auto trusts cameras that were given and moves those that were found', () => {
    expect(chooseRefinement({}).refineCameras).toBe(false);
    expect(chooseRefinement({ areCamerasFound: true }).refineCameras).toBe(true);
    expect(chooseRefinement({ refineCameras: 'off', areCamerasFound: true }).refineCameras).toBe(false);
    expect(chooseRefinement({ refineCameras: 'on', areCamerasFound: false }).refineCameras).toBe(true);
  });

  it('colours are left alone unless they are asked for', () => {
    expect(chooseRefinement({ areCamerasFound: true }).adjustExposure).toBe(false);
    expect(chooseRefinement({ exposure: 'on' }).adjustExposure).toBe(true);
  });
});
